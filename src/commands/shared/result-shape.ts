import type { Json } from '../../shared/json.ts';
import type { ResultShape as AnyResultShape } from '../../ui/output/render.ts';

/**
 * The paths of the fields of a result, or of its items if it is a list: `pages`, `pages.id`, or
 * `config.*` for any field inside `config`.
 */
type FieldOf<Data, Depth extends readonly unknown[] = MaxDepth> = Depth extends readonly [
  unknown,
  ...infer Rest,
]
  ? unknown extends Data
    ? string
    : Json extends Data
      ? string
      : Data extends readonly (infer Item)[]
        ? FieldOf<Item, Depth>
        : Data extends object
          ? { [Key in keyof Data & string]: Key | PathInto<Key, Data[Key], Rest> }[keyof Data &
              string]
          : never
  : never;

type PathInto<Key extends string, Value, Depth extends readonly unknown[]> =
  | (FieldOf<Value, [1]> extends never ? never : `${Key}.*`)
  | `${Key}.${FieldOf<Value, Depth>}`;

/** The maximum depth of a path, such as `steps.error.graph.code`. */
type MaxDepth = readonly [1, 2, 3, 4];

/** The shape of a result. Its fields must exist in the type of the data. */
export type ResultShape<Data> = Omit<
  AnyResultShape,
  'fields' | 'columns' | 'formatters' | 'truncatable' | 'droppable' | 'listIn'
> & {
  fields: readonly FieldOf<Data>[];
} & (Table<Data> | TableIn<Data>);

interface Table<Row> {
  columns?: readonly FieldOf<Row>[];
  formatters?: { readonly [Column in FieldOf<Row>]?: (value: unknown) => string };
  truncatable?: readonly FieldOf<Row>[];
  droppable?: readonly FieldOf<Row>[];
}

type TableIn<Data> = Data extends object
  ? {
      [Key in keyof Data & string]: Data[Key] extends readonly (infer Row)[]
        ? Table<Row> & { listIn: Key }
        : never;
    }[keyof Data & string]
  : never;
