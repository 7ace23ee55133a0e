/** One Server-Sent Event as it came. */
export interface ServerEvent {
  event: string;
  id?: string;
  data: string;
}

const END_OF_EVENT = /\r?\n\r?\n/;

/** Until the other side ends the stream, or the reader has had enough. */
export async function* eventsIn(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split(END_OF_EVENT);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

/** Undefined for a comment. */
function eventOf(block: string): ServerEvent | undefined {
  const lines = block.split(/\r?\n/).map((line) => /^([^:]*):? ?(.*)$/.exec(line)?.slice(1) ?? []);
  const valuesOf = (name: string) => lines.flatMap(([field, value = '']) => (field === name ? [value] : []));
  const [data, id] = [valuesOf('data'), valuesOf('id').at(-1)];
  if (data.length === 0) return undefined;
  return { event: valuesOf('event').at(-1) ?? 'message', data: data.join('\n'), ...(id !== undefined && { id }) };
}
