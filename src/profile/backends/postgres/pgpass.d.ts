declare module 'pgpass' {
  interface Login {
    host: string;
    port: number;
    database: string;
    user: string;
  }
  const pgpass: {
    (login: Login, found: (password: string | undefined) => void): void;
    /** Sets the stream for warnings, such as about a file that other users can read. */
    warnTo(stream: NodeJS.WritableStream): void;
  };
  export default pgpass;
}
