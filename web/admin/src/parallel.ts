/** Maps a list with at most `most` calls at once. The results keep the list's order. */
export async function mapParallel<T, R>(
  list: readonly T[],
  most: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await map(list[at]!);
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  return results;
}
