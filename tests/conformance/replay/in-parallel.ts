/**
 * Does `work` for every item, `width` at a time, and yields what each gives as it is known. When one fails, or nobody wants
 * more, it ends once the others under way have ended, so that what they use can be taken away.
 */
export async function* inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<readonly Result[]>,
): AsyncGenerator<Result> {
  const running = new Map<number, Promise<{ readonly key: number; readonly results: readonly Result[] }>>();
  let next = 0;
  const begin = (): void => {
    const key = next++;
    running.set(
      key,
      work(items[key] as Item).then((results) => ({ key, results })),
    );
  };
  while (next < Math.min(width, items.length)) begin();
  try {
    while (running.size > 0) {
      const { key, results } = await Promise.race(running.values());
      running.delete(key);
      if (next < items.length) begin();
      yield* results;
    }
  } finally {
    await Promise.allSettled(running.values());
  }
}
