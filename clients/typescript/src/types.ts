import type { components, operations } from "./generated/api.js";
import type { operationTable } from "./generated/operations.js";

/** The types of the API by name, such as `Schemas["Booking"]`. */
export type Schemas = components["schemas"];

/** Every operation that responds with the JSON envelope, by its `operationId`. */
export type OperationId = keyof typeof operationTable;

type Empty = Record<never, never>;
type Present<T> = [T] extends [undefined] ? Empty : NonNullable<T>;
type Part<Id extends OperationId, Name extends "path" | "query"> = Present<
  operations[Id]["parameters"][Name]
>;
type Content<Id extends OperationId> = Id extends keyof operations
  ? operations[Id] extends { requestBody?: { content: infer Found } }
    ? Found
    : undefined
  : never;
type Body<Id extends OperationId> = [Content<Id>] extends [undefined]
  ? Empty
  : Exclude<keyof Content<Id>, "application/json"> extends never
    ? Content<Id> extends { "application/json": infer Json }
      ? Json
      : Empty
    : { body: Content<Id>[keyof Content<Id>] | string };

/** Path parameters, query parameters and the body's fields in one object. */
export type Input<Id extends OperationId> = Part<Id, "path"> & Part<Id, "query"> & Body<Id>;

type Success<Responses> =
  Responses extends Record<PropertyKey, unknown>
    ? Responses[keyof Responses & (200 | 201 | 202)]
    : never;
type Envelope<Response> = Response extends { content: { "application/json": { data: infer Data } } }
  ? Data
  : never;

/** The `data` of an operation's success. */
export type Output<Id extends OperationId> = Envelope<
  {
    [Status in keyof operations[Id]["responses"]]: operations[Id]["responses"][Status];
  } extends infer All
    ? Success<All>
    : never
>;

type Elements<Data> = {
  [Key in keyof Data]-?: NonNullable<Data[Key]> extends readonly (infer Element)[]
    ? Element
    : never;
}[keyof Data];

/** An element of a list: of the only array in an operation's `data`. */
export type Item<Id extends OperationId> = Elements<Output<Id>>;

/** The operations that return pages. */
export type PagedId = {
  [Id in OperationId]: "cursor" extends keyof Part<Id, "query"> ? Id : never;
}[OperationId];

/** Options of one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** A key of your own. By default each call of an idempotent operation gets a new one. */
  idempotencyKey?: string;
  /** The version that must still be current, for operations with `If-Match`. */
  ifMatch?: string;
  /** The content type of `body`, for operations that accept more than JSON. */
  contentType?: string;
  /** Called before each wait. */
  onRetry?: (error: unknown, waitMs: number) => void;
  /** Called with the final response, for its headers. Do not read its body. */
  onResponse?: (response: Response) => void;
}

/** An operation's method. The input may be omitted if every field of it is optional. */
export type Method<Id extends OperationId> =
  Empty extends Input<Id>
    ? (input?: Input<Id>, options?: CallOptions) => Promise<Output<Id>>
    : (input: Input<Id>, options?: CallOptions) => Promise<Output<Id>>;

/** One method for each operation. */
export type Operations = { [Id in OperationId]: Method<Id> };
