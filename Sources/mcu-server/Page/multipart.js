// Reads multipart/x-mixed-replace, whose parts say their Content-Length.

const longestHead = 64 * 1024;
const longestPart = 8 * 1024 * 1024;

/** The parts of a stream of bytes, each a Blob, as they come. */
export async function* parts(stream) {
  const reader = stream.getReader();
  let bytes = new Uint8Array(0);
  async function more() {
    const { done, value } = await reader.read();
    if (done) return false;
    const joined = new Uint8Array(bytes.length + value.length);
    joined.set(bytes);
    joined.set(value, bytes.length);
    bytes = joined;
    return true;
  }
  try {
    for (;;) {
      let end;
      while ((end = headEnd(bytes)) < 0) {
        if (bytes.length > longestHead) throw new Error("a part without a head");
        if (!(await more())) return;
      }
      const head = new TextDecoder("latin1").decode(bytes.subarray(0, end));
      const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(head)?.[1] ?? NaN);
      if (!(length <= longestPart)) throw new Error("a part without a Content-Length");
      const start = end + 4;
      while (bytes.length < start + length) if (!(await more())) return;
      const part = bytes.slice(start, start + length);
      bytes = bytes.slice(start + length);
      yield new Blob([part], { type: "image/jpeg" });
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Where the empty line after the head begins; -1: it has not come yet. */
function headEnd(bytes) {
  for (let at = 0; at + 3 < bytes.length; at += 1) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}
