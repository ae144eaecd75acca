/** The few ways in which text stands out. Without colour each gives its text back unchanged. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  /** What is asked, or chosen among others. */
  accent(text: string): string;
  success(text: string): string;
  warning(text: string): string;
  error(text: string): string;
}
