export function make(layout: object | undefined, query: URLSearchParams): { seats: unknown[] };
