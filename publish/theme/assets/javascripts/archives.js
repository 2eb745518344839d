// Archives of images, read in the browser with the rules, codes and words of `checks/archives`
// (Python), which is the reference: tests/publish/test_explorer.py compares the two. No DOM here.
// What is kept in memory is an index: names and sizes, and JSON documents, within limits.
(() => {
  "use strict";

  const BLOCK = 512, KiB = 1 << 10, MiB = 1 << 20;
  const MAX_MEMBERS = 200_000, MAX_ENTRIES = 400_000, MAX_EXTENDED = MiB, MAX_NAME = 4096;
  const MAX_TRAILING = 64 * MiB, MAX_IMAGES = 1000, MAX_LAYERS = 256, MAX_SLASHES = 2, MAX_DEPTH = 4;
  const DOCUMENT = 8 * MiB, DOCUMENTS = 16 * MiB, VALUES = 500_000, JSON_DEPTH = 64;
  const SMALL = 16 * KiB, MOST = 5, NESTING = 3, RATIO = 1100, FREE = 256 * MiB;
  const CHUNK = MiB;        // read at a time when everything is read
  const SIP = 16 * KiB;     // given to a decompressor at a time: it hands all it makes of it at once

  // --- words ---

  const french = (text) => text.split("`").map((part, index) => index % 2 ? part : part
    .replace(/« /g, "«\u00a0")
    .replace(/ (?=[:;?!»%](?:\s|$|[.,)]))/g, "\u00a0")
    .replace(/(?<=\d) (?=(?:\d{3}|[KMG]io|[kMGT]o|min|h|s)(?![\p{L}\p{N}_]))/gu, "\u00a0")
    .replace(/(?<=\p{L})'(?=[\p{L}\p{N}_«]|$)/gu, "’")).join("`");
  const plural = (count, one, several) => `${count} ${Math.abs(count) < 2 ? one : several || one + "s"}`;
  const shown = (value) => {
    const text = [...String(value)];
    return (text.length <= 80 ? text : [...text.slice(0, 79), "…"]).map((char) => {
      if (char === "`") return "'";
      if (char === " " || !/[\p{C}\p{Z}]/u.test(char)) return char;
      const code = char.codePointAt(0), hex = code.toString(16);
      if (code === 9) return "\\t";
      if (code === 10) return "\\n";
      if (code === 13) return "\\r";
      return code < 256 ? "\\x" + hex.padStart(2, "0")
        : code < 65536 ? "\\u" + hex.padStart(4, "0") : "\\U" + hex.padStart(8, "0");
    }).join("");
  };
  const octets = (size) => {
    if (size < 1000) return plural(size, "octet");
    let value = size;
    for (const unit of ["ko", "Mo", "Go", "To"]) {
      value /= 1000;
      if (value < 999.95 || unit === "To") return value.toFixed(1).replace(".", ",") + "\u00a0" + unit;
    }
    return "";
  };
  const error = (code, message) => ({ code, severity: "error", message: french(message) });
  const warning = (code, message) => ({ code, severity: "warning", message: french(message) });

  const WORDS = {
    "empty": "ce fichier est vide",
    "gzip-of-nothing": "il n'y a rien sous la compression",
    "zeros": "il ne contient que des zéros",
    "zip": "c'est une archive ZIP",
    "7z": "c'est une archive 7z",
    "rar": "c'est une archive RAR",
    "lz4": "il est compressé par lz4, qu'aucun moteur ne lit",
    "lzip": "il est compressé par lzip, qu'aucun moteur ne lit",
    "compress": "il est compressé par compress, qu'aucun moteur ne lit",
    "html": "c'est une page web, sans doute un message d'erreur enregistré à la place du fichier",
    "json": "c'est un document JSON",
    "base64": "c'est du texte en Base64 : décodez-le d'abord",
    "text": "c'est du texte",
    "binary": "ses octets ne sont ceux d'aucun format connu",
    "tar-of-tars": "c'est un tar qui contient d'autres archives : `docker load` n'y cherche pas",
    "nested-directory": "tout y est rangé dans un sous-dossier, où `docker load` ne cherche pas",
    "no-manifest": "il a les couches d'une image, mais pas `manifest.json` qui les relie",
    "plain-tar": "c'est un tar ordinaire",
  };
  const DAMAGES = {
    damaged: error("compression-abimee", "La compression est abîmée : la suite ne peut pas être lue."),
    truncated: error("compression-tronquee", "Le fichier compressé s'interrompt avant sa fin."),
    bomb: error("bombe", "Le fichier se décompresse démesurément : la lecture a été arrêtée."),
  };

  // --- SHA-256 (FIPS 180-4), streaming: the browser's own wants everything in memory at once ---

  const K = new Int32Array(64);
  const START = new Int32Array(8);
  {
    const frac = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
    for (let n = 2, found = 0; found < 64; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
      if (!prime) continue;
      if (found < 8) START[found] = frac(Math.sqrt(n));
      K[found++] = frac(Math.cbrt(n));
    }
  }

  class Sha256 {
    constructor() {
      this.h = START.slice();
      this.w = new Int32Array(64);
      this.rest = new Uint8Array(64);
      this.held = 0;
      this.length = 0;
    }

    update(data) {
      this.length += data.length;
      let at = 0;
      if (this.held) {
        const take = Math.min(64 - this.held, data.length);
        this.rest.set(data.subarray(0, take), this.held);
        this.held += take;
        at = take;
        if (this.held < 64) return;
        this.blocks(this.rest, 0, 64);
        this.held = 0;
      }
      const end = data.length - ((data.length - at) % 64);
      this.blocks(data, at, end);
      this.rest.set(data.subarray(end), 0);
      this.held = data.length - end;
    }

    blocks(data, at, end) {
      const w = this.w, h = this.h;
      let [a0, b0, c0, d0, e0, f0, g0, h0] = h;
      for (; at < end; at += 64) {
        for (let i = 0, j = at; i < 16; i++, j += 4) {
          w[i] = (data[j] << 24) | (data[j + 1] << 16) | (data[j + 2] << 8) | data[j + 3];
        }
        for (let i = 16; i < 64; i++) {
          const x = w[i - 15], y = w[i - 2];
          const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
          const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
          w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
        }
        let a = a0, b = b0, c = c0, d = d0, e = e0, f = f0, g = g0, hh = h0;
        for (let i = 0; i < 64; i++) {
          const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
          const t1 = (hh + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
          const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
          const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
          hh = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
        }
        a0 = (a0 + a) | 0; b0 = (b0 + b) | 0; c0 = (c0 + c) | 0; d0 = (d0 + d) | 0;
        e0 = (e0 + e) | 0; f0 = (f0 + f) | 0; g0 = (g0 + g) | 0; h0 = (h0 + hh) | 0;
      }
      h.set([a0, b0, c0, d0, e0, f0, g0, h0]);
    }

    hex() {
      const length = this.length, tail = new Uint8Array(this.held < 56 ? 64 : 128);
      tail.set(this.rest.subarray(0, this.held));
      tail[this.held] = 128;
      new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(length) * 8n);
      this.blocks(tail, 0, tail.length);
      return [...this.h].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    }
  }
  const sha256 = (data) => {
    const digest = new Sha256();
    digest.update(data);
    return digest.hex();
  };

  // --- bytes ---

  const NOTHING = new Uint8Array(0);
  class Damage extends Error {
    constructor(reason) { super(reason); this.reason = reason; }
  }
  class Unreadable extends Error {}

  const joined = (parts) => {
    if (parts.length === 1) return parts[0];
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  };

  // The file, and what it costs to read it: progress, cancelling, the disk that refuses.
  class Source {
    constructor(blob, signal, progress) {
      this.blob = blob;
      this.size = blob.size;
      this.signal = signal;
      this.progress = progress || (() => {});
      this.spent = 0;
      this.pause = performance.now();
    }

    async read(start, n) {
      await this.breathe();
      const end = Math.min(start + n, this.size);
      if (end <= start) return NOTHING;
      try {
        return new Uint8Array(await this.blob.slice(start, end).arrayBuffer());
      } catch {
        throw new Unreadable();
      }
    }

    // The page stays alive: at least every 40 ms, the browser may draw and listen.
    async breathe() {
      if (this.signal) this.signal.throwIfAborted();
      if (performance.now() - this.pause < 40) return;
      await new Promise((resolve) => { setTimeout(resolve); });
      this.pause = performance.now();
      if (this.signal) this.signal.throwIfAborted();
    }

    async *chunks(start = 0, size = this.size - start) {
      const end = Math.min(start + size, this.size);
      for (let at = start; at < end; at += CHUNK) {
        const data = await this.read(at, Math.min(CHUNK, end - at));
        yield data;
        if (!data.length) return;
      }
    }

    spend(n) {
      this.spent += n;
      if (this.spent > FREE + RATIO * this.size) throw new Damage("bomb");
    }
  }

  // Reads a range of the file; skipping costs nothing. Reads ahead more and more, from little.
  class SeekReader {
    constructor(source, start = 0, size = source.size - start) {
      this.source = source;
      this.start = start;
      this.size = Math.max(0, Math.min(size, source.size - start));
      this.position = 0;
      this.from = 0;
      this.held = NOTHING;
      this.ahead = 4 * KiB;
    }

    async read(n) {
      n = Math.min(n, this.size - this.position);
      let at = this.position - this.from;
      if (at < 0 || at + n > this.held.length) {
        const gap = at - this.held.length;
        this.ahead = gap < 4 * this.ahead ? Math.min(this.ahead * 4, 256 * KiB) : 4 * KiB;
        const wanted = Math.min(Math.max(n, this.ahead), this.size - this.position);
        this.held = await this.source.read(this.start + this.position, wanted);
        this.from = this.position;
        at = 0;
      }
      const data = this.held.subarray(at, at + n);
      this.position += data.length;
      return data;
    }

    async skip(n) {
      const there = Math.max(0, Math.min(n, this.size - this.position));
      this.position += there;
      return there;
    }
  }

  // Reads an asynchronous sequence of chunks, once.
  class StreamReader {
    constructor(chunks) {
      this.chunks = chunks[Symbol.asyncIterator]();
      this.chunk = NOTHING;
      this.at = 0;
      this.position = 0;
    }

    async piece(n) {
      while (this.at === this.chunk.length) {
        const next = await this.chunks.next();
        if (next.done) return NOTHING;
        this.chunk = next.value;
        this.at = 0;
      }
      const data = this.chunk.subarray(this.at, this.at + n);
      this.at += data.length;
      this.position += data.length;
      return data;
    }

    async *take(n) {
      while (n > 0) {
        const data = await this.piece(n);
        if (!data.length) return;
        n -= data.length;
        yield data;
      }
    }

    async read(n) {
      if (this.at + n <= this.chunk.length) {
        this.at += n;
        this.position += n;
        return this.chunk.subarray(this.at - n, this.at);
      }
      const parts = [];
      for await (const part of this.take(n)) parts.push(part);
      return joined(parts.length ? parts : [NOTHING]);
    }

    async skip(n) {
      let left = n;
      while (left > 0) {
        const data = await this.piece(left);
        if (!data.length) break;
        left -= data.length;
      }
      return n - left;
    }
  }

  // The first bytes of a sequence, and the whole sequence again.
  async function peek(chunks, n = BLOCK) {
    const parts = [];
    const iterator = chunks[Symbol.asyncIterator]();
    let size = 0, problem = null, over = false;
    try {
      while (size < n) {
        const next = await iterator.next();
        if (next.done) { over = true; break; }
        parts.push(next.value);
        size += next.value.length;
      }
    } catch (raised) {
      if (!(raised instanceof Damage)) throw raised;
      problem = raised;
    }
    async function* again() {
      yield* parts;
      if (problem) throw problem;
      if (!over) yield* { [Symbol.asyncIterator]: () => iterator };
    }
    return [joined(parts.length ? parts : [NOTHING]).subarray(0, n), again()];
  }

  // --- compression ---

  const starts = (head, ...bytes) => bytes.every((byte, index) => head[index] === byte);
  const ascii = (head, text, at = 0) => [...text].every((char, i) => head[at + i] === char.charCodeAt(0));

  function detect(head) {
    if (starts(head, 0x1f, 0x8b, 8)) return "gzip";
    if (ascii(head, "BZh") && (ascii(head, "1AY&SY", 4) || starts(head.subarray(4), 0x17, 0x72, 0x45, 0x38, 0x50, 0x90))) return "bzip2";
    if (starts(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return "xz";
    if (starts(head, 0x28, 0xb5, 0x2f, 0xfd) || (head[0] >= 0x50 && head[0] <= 0x5f && starts(head.subarray(1), 0x2a, 0x4d, 0x18))) return "zstd";
    return null;
  }

  const readable = (name) => {
    if (name === "gzip") return true;
    if (name !== "zstd") return false;
    try { new DecompressionStream("zstd"); return true; } catch { return false; }
  };

  // Everything that `chunks` decompresses to; throws `Damage`.
  async function* decompress(name, chunks, source) {
    const stream = new DecompressionStream(name);
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    let reason = null, outer = null;
    const feeding = (async () => {
      try {
        const given = chunks[Symbol.asyncIterator]();  // left open: what follows a damage is still hashed
        for (let next = await given.next(); !next.done; next = await given.next()) {
          for (let at = 0; at < next.value.length; at += SIP) {
            await writer.ready;
            await writer.write(next.value.slice(at, at + SIP));
          }
        }
      } catch (raised) {
        if (raised instanceof TypeError) reason = "damaged";
        else { outer = raised; await writer.abort(raised).catch(() => {}); }
        return;
      }
      try { await writer.close(); } catch { reason = reason || "truncated"; }
    })();
    try {
      for (;;) {
        const next = await reader.read();
        if (next.done) break;
        source.spend(next.value.length);
        await source.breathe();
        yield next.value;
      }
    } catch (raised) {
      if (raised instanceof Damage) throw raised;
      await reader.cancel().catch(() => {});
      await feeding;
      if (outer) throw outer;
      if (source.signal && source.signal.aborted) throw raised;
      throw new Damage(reason || "damaged");
    } finally {
      reader.cancel().catch(() => {});
      writer.abort().catch(() => {});
    }
  }

  // --- tar: POSIX ustar and pax, GNU long names and base-256 numbers ---

  const TYPES = { 48: "file", 0: "file", 55: "file", 49: "hardlink", 50: "symlink", 51: "char", 52: "block", 53: "directory", 54: "fifo" };
  const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  function text(data) {
    const zero = data.indexOf(0);
    if (zero >= 0) data = data.subarray(0, zero);
    try {
      return STRICT.decode(data);
    } catch {  // as Python's "surrogateescape": bytes that are no UTF-8 stay apart
      return [...data].map((byte) => String.fromCharCode(byte < 128 ? byte : 0xdc00 + byte)).join("");
    }
  }

  function number(data) {
    if (data[0] & 0x80) {
      if (data[0] !== 0x80) return null;
      let value = 0;
      for (const byte of data.subarray(1)) value = value * 256 + byte;
      return value < 2 ** 53 ? value : null;
    }
    const digits = text(data).replace(/^[ \0]+|[ \0]+$/g, "");
    if (!digits) return [...data].every((byte) => byte === 0 || byte === 32) ? 0 : null;
    return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : null;
  }

  function parseHeader(block) {
    const wanted = number(block.subarray(148, 156));
    if (wanted === null) return null;
    let total = 8 * 32, high = 0;
    for (let i = 0; i < BLOCK; i++) {
      if (i >= 148 && i < 156) continue;
      total += block[i];
      if (block[i] > 127) high++;
    }
    if (wanted !== total && wanted !== total - 256 * high) return null;
    const size = number(block.subarray(124, 136));
    if (size === null) return null;
    let name = text(block.subarray(0, 100));
    if (block[345] && ascii(block, "ustar\0", 257)) name = `${text(block.subarray(345, 500))}/${name}`;
    return { name, size, flag: block[156], linkname: text(block.subarray(157, 257)) };
  }

  const blank = (block) => { for (const byte of block) if (byte) return false; return true; };
  const startsAsTar = (block) => block.length >= BLOCK && (blank(block) || parseHeader(block) !== null);

  function parsePax(data) {
    const found = {};
    let at = 0;
    while (at < data.length) {
      const space = data.subarray(at, at + 9).indexOf(32);
      const digits = space > 0 ? text(data.subarray(at, at + space)) : "";
      if (!/^\d+$/.test(digits)) return blank(data.subarray(at)) ? found : null;
      const end = at + Number(digits), record = data.subarray(at + space + 1, end);
      const equal = record.indexOf(61);
      if (end > data.length || end <= at + space || equal < 0 || record[record.length - 1] !== 10) return null;
      const key = text(record.subarray(0, equal)), value = record.subarray(equal + 1, -1);
      if (["path", "linkpath", "size"].includes(key) || key.startsWith("GNU.sparse")) {
        if (value.includes(0) || (key === "size" && !/^\d{1,18}$/.test(text(value)))) return null;
        found[key] = text(value);
      }
      at = end;
    }
    return found;
  }

  function normalName(name) {
    const parts = () => name.split("/").filter((part) => part !== "" && part !== ".").join("/");
    if (name.startsWith("/")) return "/" + parts();
    if (name.includes("./") || name.includes("//") || name.endsWith("/") || name.endsWith(".")) name = parts();
    return name || ".";
  }

  class Walk {
    constructor(reader) {
      Object.assign(this, { reader, problems: [], isTar: true, whole: false, trailing: null, escaping: 0 });
    }

    async *members() {
      const reader = this.reader;
      let count = 0, extended = {};
      for (;;) {
        const start = reader.position;
        const block = await reader.read(BLOCK);
        if (block.length < BLOCK) {
          if (count || Object.keys(extended).length) this.cut(start);
          else this.isTar = false;
          return;
        }
        if (block[0] === 0 && blank(block)) {
          this.isTar = count > 0;
          this.whole = true;
          return;
        }
        const header = parseHeader(block);
        if (header === null) {
          this.isTar = count > 0 || Object.keys(extended).length > 0 || ascii(block, "ustar", 257);
          if (this.isTar) this.broken(`L'en-tête placé à l'octet ${start} est abîmé.`);
          return;
        }
        if (++count > MAX_MEMBERS) {
          this.problems.push(error("trop-de-membres", `L'archive compte plus de ${MAX_MEMBERS} entrées.`));
          return;
        }
        if ("xXgLK".includes(String.fromCharCode(header.flag))) {
          if (!await this.extend(extended, header, start)) return;
          continue;
        }
        const member = this.member(header, extended, start);
        if (!member) return;
        extended = {};
        const end = member.offset + member.size;
        yield member;
        await reader.skip(end - reader.position);
        const padding = (BLOCK - member.size % BLOCK) % BLOCK;
        if (reader.position < end || (padding && await reader.skip(padding) < padding)) {
          this.cut(reader.position);
          return;
        }
      }
    }

    // What follows the first zero block: a second one, then nothing but zeros.
    async finish() {
      if (!this.whole) return;
      let block = await this.reader.read(BLOCK);
      if (block.length < BLOCK && blank(block)) {
        this.problems.push(warning("fin-incomplete", "Le second bloc de zéros qui termine un tar manque."));
        return;
      }
      for (let read = 0; block.length && read < MAX_TRAILING; read += block.length) {
        if (!blank(block)) { this.after(block); return; }
        block = await this.reader.read(read < 64 * BLOCK ? BLOCK : 256 * KiB);
      }
    }

    after(block) {
      for (let start = 0; start < block.length; start += BLOCK) {
        const record = block.subarray(start, start + BLOCK);
        if (blank(record)) continue;
        this.trailing = this.reader.position - block.length + start;
        if (record.length === BLOCK && parseHeader(record)) {
          this.problems.push(error("donnees-apres-la-fin", "Une seconde archive suit la fin de la première : les moteurs ne la liront pas."));
          return;
        }
        break;
      }
      this.problems.push(warning("octets-superflus", "Des octets inutiles suivent la fin de l'archive."));
    }

    member(header, extended, start) {
      if (header.flag === 83 || Object.keys(extended).some((key) => key.startsWith("GNU.sparse"))) {
        this.problems.push(error("fichier-creux", "L'archive contient un fichier creux (sparse) : quelques octets y annonceraient des téraoctets."));
        return null;
      }
      const name = extended.path ?? header.name, linkname = extended.linkpath ?? header.linkname;
      if (name.length > MAX_NAME || linkname.length > MAX_NAME) {
        return this.broken(`L'entrée placée à l'octet ${start} porte un nom démesuré.`);
      }
      let size = header.size;
      if (extended.size !== undefined) {
        const announced = Number(extended.size);
        if (size !== 0 && size !== announced && announced < 2 ** 33) {
          return this.broken(`L'entrée placée à l'octet ${start} annonce deux tailles.`);
        }
        size = announced;
      }
      let type = TYPES[header.flag] || "other";
      if (type === "file" && name.endsWith("/")) type = "directory";
      if (type !== "file" && type !== "other" && size) {
        return this.broken(`L'entrée placée à l'octet ${start} ne devrait pas avoir de contenu.`);
      }
      if ((name.startsWith("/") || name.split("/").includes("..")) && this.escaping < MOST) {
        this.escaping++;
        this.problems.push(error("nom-evade", `L'entrée \`${shown(name)}\` porte un nom qui sort du dossier d'extraction.`));
      }
      return { name: normalName(name), type, size, offset: this.reader.position, linkname };
    }

    async extend(extended, header, start) {
      if (header.size > MAX_EXTENDED) {
        this.problems.push(error("entete-trop-grand", "Un en-tête étendu dépasse la limite d'un mébioctet."));
        return false;
      }
      const data = (await this.reader.read(header.size)).slice();
      const padding = (BLOCK - header.size % BLOCK) % BLOCK;
      if (data.length < header.size || await this.reader.skip(padding) < padding) {
        this.cut(start);
        return false;
      }
      const flag = String.fromCharCode(header.flag);
      if (flag === "L" || flag === "K") {
        extended[flag === "L" ? "path" : "linkpath"] = text(data);
        return true;
      }
      const records = parsePax(data);
      if (records === null) {
        this.broken(`L'en-tête étendu placé à l'octet ${start} est illisible.`);
        return false;
      }
      if (flag === "g") {
        if ("path" in records || "linkpath" in records || "size" in records) {
          this.broken("Un en-tête global renomme ou redimensionne toutes les entrées.");
          return false;
        }
        return true;
      }
      Object.assign(extended, records);
      return true;
    }

    cut(position) {
      this.problems.push(error("archive-tronquee", `L'archive s'interrompt à l'octet ${position}, avant sa fin normale.`));
    }

    broken(message) {
      this.problems.push(error("entete-invalide", message));
      return null;
    }
  }

  // --- what a file is ---

  const MAGIC = [
    [[0x50, 0x4b, 3, 4], "unknown", "zip"], [[0x50, 0x4b, 5, 6], "unknown", "zip"],
    [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "unknown", "7z"], [[4, 0x22, 0x4d, 0x18], "unknown", "lz4"],
    ["LZIP", "unknown", "lzip"], [[0x1f, 0x9d], "unknown", "compress"], ["Rar!\x1a\x07", "unknown", "rar"],
    ["Salted__", "encrypted", "openssl"], ["U2FsdGVkX1", "encrypted", "openssl"],
    ["age-encryption.org/", "encrypted", "age"], ["-----BEGIN AGE ENCRYPTED FILE", "encrypted", "age"],
  ];
  const ROOT = new Set([".dockerenv", "bin", "boot", "dev", "etc", "home", "lib", "proc", "root", "sbin", "sys", "tmp", "usr", "var"]);
  const EXTENSIONS = new Set(("7z age asc bak bin bz db enc gif gpg gz img iso jpg js lz md oci old out pdf pgp png py " +
    "rar sh sig tar tbz tgz tmp txt txz xz zip zst").split(" "));
  const PART = /^(.*(?:[-_.]|part(?:ie|e)?|x))([a-z]{2,3}|\d{2,4})$/s;

  function part(name) {
    const match = PART.exec(name);
    return match && !EXTENSIONS.has(match[2]) ? [match[1], match[2]] : null;
  }

  function openpgp(head) {
    if (head.length < 4 || !(head[0] & 0x80)) return false;
    let tag, length;
    if (head[0] & 0x40) {
      tag = head[0] & 0x3f;
      length = head[1] < 192 ? 1 : head[1] < 224 ? 2 : head[1] === 255 ? 5 : 1;
    } else {
      tag = (head[0] >> 2) & 15;
      length = [1, 2, 4, 0][head[0] & 3];
    }
    const version = head.length > 1 + length ? head[1 + length] : 0;
    return (tag === 1 && [3, 6].includes(version)) || (tag === 3 && [4, 5, 6].includes(version)) ||
      (tag === 18 && [1, 2].includes(version));
  }

  function armoured(head) {
    const ascii = String.fromCharCode(...head).replace(/\r/g, "");
    if (!ascii.startsWith("-----BEGIN PGP MESSAGE-----")) return NOTHING;
    const body = ascii.split("\n\n").slice(1).join("\n\n").replace(/\n/g, "").slice(0, 64);
    try {
      return Uint8Array.from(atob(body.slice(0, body.length - body.length % 4)), (char) => char.charCodeAt(0));
    } catch { return NOTHING; }
  }

  function natureOfBytes(head) {
    for (const [magic, kind, detail] of MAGIC) {
      if (typeof magic === "string" ? ascii(head, magic) : starts(head, ...magic)) return [kind, detail];
    }
    if (openpgp(head) || openpgp(armoured(head))) return ["encrypted", "openpgp"];
    let decoded;
    try { decoded = STRICT.decode(head); } catch {
      try { decoded = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true }); } catch { decoded = null; }
    }
    const latin = String.fromCharCode(...head).trimStart();
    if (/^<(!doctype|html|\?xml)/i.test(latin)) return ["unknown", "html"];
    if (/^[[{]/.test(latin)) return ["unknown", "json"];
    if (blank(head)) return ["unknown", "zeros"];
    if (decoded === null) return ["unknown", "binary"];
    if (/^[A-Za-z0-9+/=\r\n]{40,}$/.test(decoded)) return ["unknown", "base64"];
    return ["unknown", /[^\n\t\r\f ]/.test(decoded) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(decoded.replace(/[\n\t\r\f]/g, "")) ? "text" : "binary"];
  }

  async function natureOfTar(archive) {
    const members = archive.members, names = [...members.keys()], cut = archive.cut;
    const some = (pattern) => names.some((name) => pattern.test(name));
    if (members.has("manifest.json")) {
      if (members.has("oci-layout")) return ["docker-save", "oci-layout"];
      return ["docker-save", some(/^[0-9a-f]{64}\.tar$/) ? "podman" : "legacy"];
    }
    if (members.has("oci-layout") && members.has("index.json")) return ["oci", "oci-only"];
    if (some(/^(blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{64}\/(?:layer\.tar|json|VERSION))$/)) {
      return ["unknown", cut ? "truncated" : "no-manifest"];
    }
    if (some(/^[^/]+\/(manifest\.json|oci-layout)$/)) return ["unknown", "nested-directory"];
    if (!cut && await archive.holdsOnlyArchives()) return ["unknown", "tar-of-tars"];
    const tops = new Set(names.map((name) => name.split("/")[0]));
    if (tops.has(".dockerenv") || [...tops].filter((top) => ROOT.has(top)).length >= 3) return ["rootfs", "export"];
    return ["unknown", cut ? "truncated" : "plain-tar"];
  }

  // --- JSON, read strictly ---

  const FREE_KEYS = new Set(["labels", "annotations", "exposedports", "volumes", "layersources", "onbuild", "urls"]);
  const known = (...keys) => new Map(keys.map((key) => [key.toLowerCase(), key]));
  const KNOWN = known("Config", "RepoTags", "Layers", "Parent", "LayerSources");
  const KNOWN_OCI = known("schemaVersion", "mediaType", "manifests", "layers", "config", "digest", "size", "platform",
    "annotations", "architecture", "os", "variant", "rootfs", "diff_ids", "history", "empty_layer", "created_by");
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const get = (value, ...path) => {
    for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : null;
    return value;
  };
  const list = (value, key) => { const found = get(value, key); return Array.isArray(found) ? found : []; };

  // A key that the same object writes twice, or null. `source` is well-formed JSON.
  function twin(source) {
    const stack = [];
    let last = null;
    for (const [token] of source.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gs)) {
      if (token === "{") stack.push(new Set());
      else if (token === "[") stack.push(null);
      else if (token === "}" || token === "]") stack.pop();
      else if (token === ":") {
        const keys = stack[stack.length - 1], key = JSON.parse(last);
        if (keys.has(key)) return key;
        keys.add(key);
      } else last = token;
    }
    return null;
  }

  function otherCase(value, words) {
    const todo = [value];
    while (todo.length) {
      const item = todo.pop();
      if (Array.isArray(item)) for (const one of item) todo.push(one);
      else if (isObject(item)) {
        const seen = new Set();
        for (const [key, inner] of Object.entries(item)) {
          const low = key.toLowerCase();
          if (seen.has(low) || (words.get(low) ?? key) !== key) return key;
          seen.add(low);
          if (!FREE_KEYS.has(low)) todo.push(inner);
        }
      }
    }
    return null;
  }

  function tooDeep(value) {
    let level = [value];
    for (let depth = 0; depth < JSON_DEPTH; depth++) {
      level = level.flatMap((item) => item !== null && typeof item === "object"
        ? Object.values(item).filter((inner) => inner !== null && typeof inner === "object") : []);
      if (!level.length) return false;
    }
    return true;
  }

  // --- an archive ---

  const DIGEST = /^sha256:[0-9a-f]{64}$/;
  const NAMED = /^(?:blobs\/sha256\/(?<blob>[0-9a-f]{64})|(?<file>[0-9a-f]{64})\.(?:json|tar))$/;
  const TAG = /^(?:[A-Za-z0-9.\-[\]:]+\/)?[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
  const EXPECTED = /^(?:\.|blobs(?:\/sha256(?:\/[0-9a-f]{64})?)?|oci-layout|index\.json|manifest\.json|repositories|[0-9a-f]{64}(?:\.json|\.tar|\/(?:layer\.tar|json|VERSION))?)$/;
  const CONFIGS = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json", "", null];
  const slashes = (name) => name.split("/").length - 1;
  const familiar = (name) => {
    name = name.replace(/^docker\.io\//, "").replace(/^library\//, "");
    const last = name.slice(name.lastIndexOf("/") + 1);
    return last.includes(":") || last.includes("@") || !name ? name : `${name}:latest`;
  };

  class Archive {
    constructor(source, name, verify) {
      Object.assign(this, {
        source, name, verify, size: source.size, compression: [], unreadable: null, streamed: false, deeper: false,
        damage: null, contentSize: source.size, members: new Map(), twins: 0, found: new Map(), kept: new Map(),
        documents: new Map(), documentProblems: new Map(), read: 0, values: 0, entries: 0, scanProblems: [],
        isTar: false, cut: false, images: [], problems: [], kind: "unknown", detail: "binary", tooMany: false,
      });
    }

    // -- reading --

    async open() {
      const head = await this.source.read(0, BLOCK);
      if (!this.size) { this.detail = "empty"; return this.conclude(); }
      this.streamed = detect(head) !== null;
      let content = head;
      if (this.streamed) content = await this.pass();
      else {
        const walk = new Walk(new SeekReader(this.source));
        for await (const member of walk.members()) {
          this.add(member);
          this.source.progress("Lecture des en-têtes", walk.reader.position, this.size);
        }
        await this.end(walk);
      }
      if (this.unreadable) return this.conclude();
      if (this.streamed && !this.contentSize && !this.damage) this.detail = "gzip-of-nothing";
      else if (this.isTar) [this.kind, this.detail] = await natureOfTar(this);
      else if (this.streamed && (this.deeper || !content.length)) this.detail = "binary";
      else [this.kind, this.detail] = natureOfBytes(content);
      if (["truncated", "binary"].includes(this.detail) || (this.streamed && this.damage === "truncated")) {
        if (part(this.name)) this.kind = "part";
      }
      await this.listImages();
      await this.readLayers();
      await this.conclude();
    }

    // One pass over a compressed file: documents are kept, layers are indexed on the way.
    async pass() {
      let stream = this.source.chunks(), first;
      let spent = 0;
      const counted = async function* (chunks, source) {
        for await (const chunk of chunks) {
          spent += chunk.length;
          source.progress("Décompression et lecture", spent, source.size);
          yield chunk;
        }
      };
      stream = counted(stream, this.source);
      for (;;) {
        [first, stream] = await peek(stream);
        const name = detect(first);
        if (name === null) break;
        if (this.compression.length === NESTING) { this.deeper = true; break; }
        this.compression.push(name);
        if (!readable(name)) { this.unreadable = name; return first; }
        stream = decompress(name, stream, this.source);
      }
      const archive = this;
      const reader = new StreamReader((async function* () {
        try { yield* stream; } catch (raised) {
          if (!(raised instanceof Damage)) throw raised;
          archive.damage = raised.reason;
        }
      })());
      const walk = new Walk(reader);
      let room = DOCUMENTS;
      for await (const member of walk.members()) {
        this.add(member);
        if (member.type !== "file" || !member.size || slashes(member.name) > MAX_SLASHES) continue;
        let [begin, body] = await peek(reader.take(member.size));
        begin = begin.slice();
        const document = /^\s*[[{]/.test(String.fromCharCode(...begin.subarray(0, 64))) && member.size <= DOCUMENT;
        if ((document || member.size <= SMALL) && member.size <= room) {
          const parts = [];
          for await (const chunk of body) parts.push(chunk.slice());
          const data = joined(parts.length ? parts : [NOTHING]);
          room -= data.length;
          if (data.length === member.size) this.kept.set(member.offset, data);
          body = (async function* () { yield data; })();
        }
        this.found.set(member.offset, await this.examine(body, begin));
      }
      await this.end(walk);
      await reader.skip(Infinity);
      this.contentSize = reader.position;
      return first;
    }

    add(member) {
      if (this.members.has(member.name) && member.type !== "directory" && this.twins < MOST) {
        this.twins++;
        this.scanProblems.push(error("membre-en-double", `Deux entrées de l'archive s'appellent \`${shown(member.name)}\` : selon l'outil, l'une ou l'autre serait lue.`));
      }
      this.members.set(member.name, member);
    }

    async end(walk) {
      await walk.finish();
      this.isTar = walk.isTar;
      this.cut = !walk.whole;
      this.scanProblems.push(...walk.problems);
    }

    // What a member is, decompressed if need be; hashed when that was asked for.
    async examine(chunks, first) {
      const raw = this.verify ? new Sha256() : null;
      async function* tee(stream, digest) {
        for await (const chunk of stream) { digest.update(chunk); yield chunk; }
      }
      const compression = detect(first);
      const found = { compression, damage: null, isTar: false, contentSize: null, entries: null, whole: false };
      const stored = raw ? tee(chunks, raw) : chunks;
      let stream = stored, plain = null;
      if (compression && !readable(compression)) {
        for await (const chunk of stream) if (!chunk.length) break;
        if (raw) found.sha256 = raw.hex();
        return found;
      }
      if (compression) {
        stream = decompress(compression, stream, this.source);
        if (raw) { plain = new Sha256(); stream = tee(stream, plain); }
      }
      try {
        let head;
        [head, stream] = await peek(stream);
        found.isTar = startsAsTar(head);
        const reader = new StreamReader(stream);
        if (found.isTar) await this.index(found, new Walk(reader));
        await reader.skip(Infinity);
        found.contentSize = reader.position;
      } catch (raised) {
        if (!(raised instanceof Damage)) throw raised;
        found.damage = raised.reason;
        if (raw) for await (const chunk of stored) if (!chunk.length) break;
      }
      if (raw) {
        found.sha256 = raw.hex();
        found.contentSha256 = plain ? plain.hex() : found.sha256;
      }
      return found;
    }

    // The entries of a layer: names, kinds, sizes, places.
    async index(found, walk) {
      found.entries = [];
      for await (const member of walk.members()) {
        if (++this.entries > MAX_ENTRIES) this.tooMany = true;
        if (!this.tooMany) found.entries.push(member);
      }
      found.whole = walk.whole && !walk.problems.length;
    }

    async firstBytes(member) {
      const found = this.found.get(member.offset);
      if (found) return [found.compression, found.isTar && !found.compression];
      if (this.streamed) return [null, false];
      const first = await this.source.read(member.offset, Math.min(BLOCK, member.size));
      return [detect(first), startsAsTar(first)];
    }

    async holdsOnlyArchives() {
      const every = [...this.members.values()], files = every.filter((member) => member.type === "file");
      if (!files.length || files.length > 100) return false;
      if (every.some((member) => !["file", "directory"].includes(member.type))) return false;
      for (const file of files) if (!(await this.firstBytes(file)).some(Boolean)) return false;
      return true;
    }

    resolve(name) {
      let member = this.members.get(name);
      if (member && ["symlink", "hardlink"].includes(member.type)) {
        let target = member.linkname;
        if (member.type === "symlink") {
          const parts = name.split("/").slice(0, -1);
          for (const one of target.split("/")) {
            if (one === "..") { if (!parts.length) return null; parts.pop(); }
            else if (one !== "" && one !== ".") parts.push(one);
          }
          target = target.startsWith("/") ? "" : parts.join("/");
        }
        member = this.members.get(normalName(target));
      }
      return member && member.type === "file" ? member : null;
    }

    async bytes(name) {
      const member = this.resolve(name);
      if (!member || member.size > DOCUMENT) return null;
      if (!member.size) return NOTHING;
      const data = this.streamed ? this.kept.get(member.offset) : await this.source.read(member.offset, member.size);
      return data && data.length === member.size ? data : null;
    }

    async document(name) {
      if (!this.documents.has(name)) {
        this.documents.set(name, null);
        const member = this.resolve(name);
        if (member && this.streamed && member.size && !this.kept.has(member.offset)) this.refuse(name);
        else {
          const data = await this.bytes(name);
          if (data) this.documents.set(name, this.parse(name, data));
        }
      }
      return this.documents.get(name);
    }

    refuse(name) {
      this.documentProblems.set(name, error("json-trop-grand", `\`${shown(name)}\` dépasse ce qu'une archive honnête contient.`));
      return null;
    }

    parse(name, data) {
      this.read += data.length;
      for (const byte of data) if (byte === 44 || byte === 91 || byte === 123) this.values++;
      if (this.read > DOCUMENTS || this.values > VALUES) return this.refuse(name);
      let source, value;
      try {
        source = new TextDecoder("utf-8", { fatal: true }).decode(data);
        value = JSON.parse(source);
      } catch {
        this.documentProblems.set(name, error("json-illisible", `\`${shown(name)}\` n'est pas du JSON.`));
        return null;
      }
      if (tooDeep(value)) {
        this.documentProblems.set(name, error("json-trop-grand", `\`${shown(name)}\` est imbriqué sur plus de ${JSON_DEPTH} niveaux.`));
        return null;
      }
      const bad = twin(source) ?? otherCase(value, name === "manifest.json" ? KNOWN : KNOWN_OCI);
      if (bad !== null) {
        this.documentProblems.set(name, error("cle-json-en-double", `\`${shown(name)}\` écrit deux fois, ou avec une autre casse, la clé « ${shown(bad)} » : deux moteurs y liraient deux images différentes.`));
      }
      return value;
    }

    // -- images --

    async listImages() {
      this.manifest = { images: [], problems: [] };
      this.index_ = { images: [], problems: [], named: new Map() };
      if (!["docker-save", "oci"].includes(this.kind)) return;
      await this.readManifest();
      await this.readIndex();
      const key = (image) => JSON.stringify([image.config, image.layers]);
      const have = new Set(this.manifest.images.map(key));
      const listed = [...this.manifest.images, ...this.index_.images.filter((image) => !have.has(key(image)))];
      for (const image of listed) {
        const config = await this.document(image.config);
        const data = await this.bytes(image.config);
        const digest = data ? sha256(data) : (this.found.get(this.resolve(image.config)?.offset) || {}).sha256;
        this.images.push({
          configMember: image.config, layerMembers: image.layers, tags: image.tags,
          config: isObject(config) ? config : {}, digest: digest ? `sha256:${digest}` : "",
        });
      }
      for (const image of this.images) {
        const ids = get(image.config, "rootfs", "diff_ids");
        image.diffIds = Array.isArray(ids) ? ids.map(String) : [];
        image.history = list(image.config, "history").filter(isObject);
        for (const key of ["os", "architecture", "variant"]) image[key] = String(get(image.config, key) ?? "");
        image.missing = [image.configMember, ...image.layerMembers].filter((name) => !this.resolve(name));
        image.present = !image.missing.length;
        image.layers = image.layerMembers.flatMap((member, number) => {
          const stored = this.resolve(member);
          return stored ? [{ member, number, diffId: image.diffIds[number] ?? "", size: stored.size, offset: stored.offset }] : [];
        });
      }
    }

    async readManifest() {
      const found = this.manifest, malformed = (message) => found.problems.push(error("manifeste-illisible", message));
      if (!this.members.has("manifest.json")) return;
      const entries = await this.document("manifest.json");
      if (!Array.isArray(entries)) { malformed("`manifest.json` n'est pas une liste d'images."); return; }
      const texts = (value) => Array.isArray(value) && value.every((item) => typeof item === "string");
      for (const entry of entries.slice(0, MAX_IMAGES)) {
        const config = get(entry, "Config"), tags = get(entry, "RepoTags") ?? [], layers = get(entry, "Layers") ?? [];
        if (typeof config !== "string" || !texts(tags) || !texts(layers)) malformed("Une image de `manifest.json` est mal décrite.");
        else if ([config, ...layers].some((name) => slashes(normalName(name)) > MAX_SLASHES)) malformed("Une image de `manifest.json` est rangée trop bas.");
        else if (layers.length > MAX_LAYERS) found.problems.push(error("trop-d-elements", "L'archive annonce un nombre démesuré de couches."));
        else found.images.push({ config: normalName(config), layers: layers.map(normalName), tags: [...tags] });
      }
      if (entries.length > MAX_IMAGES) found.problems.push(error("trop-d-elements", "L'archive annonce un nombre démesuré d'images."));
    }

    async readIndex() {
      const found = this.index_;
      if (!this.members.has("index.json")) return;
      const index = await this.document("index.json");
      if (!Array.isArray(get(index, "manifests"))) {
        found.problems.push(error("manifeste-illisible", "`index.json` n'a pas de liste « manifests »."));
        return;
      }
      const state = { seen: 0, known: new Map() };
      for (const entry of index.manifests.slice(0, MAX_IMAGES)) {
        const notes = get(entry, "annotations");
        const name = String(get(notes, "io.containerd.image.name") || get(notes, "org.opencontainers.image.ref.name") || "");
        const variants = [], absent = [];
        await this.follow(entry, 0, variants, absent, state);
        let complete = variants.filter((one) => [one.config, ...one.layers].every((member) => this.resolve(member)));
        if (variants.length && !complete.length) complete = variants;
        const skipped = absent.length + variants.length - complete.length;
        if (absent.length && !complete.length) found.problems.push(error("blob-absent", `\`index.json\` annonce ${absent[0]}, qui n'est pas là.`));
        else if (skipped) found.problems.push(warning("variante-absente", `L'image ${shown(name) || "sans nom"} existe pour d'autres plateformes (${skipped}), que cette archive ne contient pas.`));
        for (const one of complete) if (name && !one.tags.includes(name)) one.tags.push(name);
        found.named.set(name, [...(found.named.get(name) || []), ...complete]);
      }
      if (index.manifests.length > MAX_IMAGES || state.seen > MAX_IMAGES) {
        found.problems.push(error("trop-d-elements", "L'archive annonce un nombre démesuré d'images."));
      }
    }

    async follow(entry, depth, variants, absent, state) {
      const found = this.index_, problems = found.problems;
      if (++state.seen > MAX_IMAGES) return;
      if (depth > MAX_DEPTH) { problems.push(error("index-trop-profond", "Les index sont imbriqués sans fin.")); return; }
      const attestation = Boolean(get(entry, "annotations", "vnd.docker.reference.type"));
      const path = this.blob(entry);
      if (path === null) return;
      if (!this.resolve(path)) { if (!attestation) absent.push(`\`${path}\``); return; }
      const document = await this.document(path);
      if (attestation) return;
      const children = get(document, "manifests"), layers = get(document, "layers");
      if (children !== null && layers !== null) problems.push(error("manifeste-ambigu", `\`${path}\` est à la fois un index et une image.`));
      else if (Array.isArray(children)) for (const child of children) await this.follow(child, depth + 1, variants, absent, state);
      else if (Array.isArray(layers) && layers.length > MAX_LAYERS) problems.push(error("trop-d-elements", "L'archive annonce un nombre démesuré de couches."));
      else if (Array.isArray(layers)) {
        if (!CONFIGS.includes(get(document, "config", "mediaType"))) return;  // an artefact, not an image
        const config = this.blob(get(document, "config")), names = layers.map((layer) => this.blob(layer));
        if (!config || !names.every(Boolean)) return;
        const key = JSON.stringify([config, names]);
        if (!state.known.has(key)) {
          state.known.set(key, { config, layers: names, tags: [] });
          found.images.push(state.known.get(key));
        }
        variants.push(state.known.get(key));
      } else problems.push(error("manifeste-illisible", `\`${path}\` n'est ni un index ni une image.`));
    }

    blob(descriptor) {
      const digest = get(descriptor, "digest"), problems = this.index_.problems;
      if (typeof digest !== "string" || !DIGEST.test(digest)) {
        problems.push(error("digest-invalide", `« ${shown(digest ?? "None")} » n'est pas un digest sha256 : on ne peut pas retrouver ce qu'il désigne.`));
        return null;
      }
      const path = "blobs/" + digest.replace(":", "/"), member = this.resolve(path), size = get(descriptor, "size");
      if (member && size !== member.size) {
        problems.push(error("taille-differente", `\`${path}\` fait ${member.size} octets ; son descripteur en annonce ${shown(size ?? "None")}.`));
      }
      return path;
    }

    // -- layers --

    async readLayers() {
      if (!["docker-save", "oci"].includes(this.kind)) return;
      const wanted = new Set(this.images.flatMap((image) => image.layerMembers));
      if (this.verify) {
        for (const image of this.images) wanted.add(image.configMember);
        for (const name of this.members.keys()) if (NAMED.test(name)) wanted.add(name);
      }
      const members = new Map();
      for (const name of wanted) { const member = this.resolve(name); if (member) members.set(member.offset, member); }
      const total = [...members.values()].reduce((sum, member) => sum + member.size, 0);
      const label = this.verify ? "Calcul des empreintes" : "Lecture des couches";
      let done = 0;
      for (const member of members.values()) {
        if (!this.found.has(member.offset) && !this.streamed) {
          const before = done, source = this.source;
          const [compression, plain] = await this.firstBytes(member);
          if (!this.verify && (plain || (!compression && !plain) || !member.size)) {
            const found = { compression: null, damage: null, isTar: plain, contentSize: member.size, entries: null, whole: false };
            const reader = new SeekReader(this.source, member.offset, member.size);
            if (plain) {
              const walk = new Walk(reader), members_ = walk.members.bind(walk);
              walk.members = async function* () {
                for await (const one of members_()) { source.progress(label, before + reader.position, total); yield one; }
              };
              await this.index(found, walk);
            }
            this.found.set(member.offset, found);
          } else {
            let read = 0;
            const chunks = this.source.chunks(member.offset, member.size);
            const first = await this.source.read(member.offset, Math.min(BLOCK, member.size));
            this.found.set(member.offset, await this.examine((async function* () {
              for await (const chunk of chunks) {
                read += chunk.length;
                source.progress(label, before + read, total);
                yield chunk;
              }
            })(), first));
          }
        }
        done += member.size;
      }
      for (const image of this.images) {
        for (const layer of image.layers) {
          const found = this.found.get(layer.offset) || { damage: null, entries: null, contentSize: layer.size, isTar: false };
          Object.assign(layer, {
            compression: found.compression ?? null, damage: found.damage, isTar: found.isTar, entries: found.entries,
            whole: found.whole, contentSize: found.compression ? found.contentSize : layer.size,
            contentSha256: found.contentSha256, unreadable: found.compression && !readable(found.compression) ? found.compression : null,
          });
        }
        const sizes = image.layers.map((layer) => this.verify ? layer.contentSize : layer.size);
        image.size = sizes.includes(null) ? null : sizes.reduce((sum, size) => sum + size, 0);
      }
    }

    // -- what is wrong --

    async conclude() {
      const found = [];
      if (DAMAGES[this.damage]) found.push(DAMAGES[this.damage]);
      if (this.deeper) found.push(error("trop-de-compressions", `Le fichier est compressé plus de ${NESTING} fois de suite.`));
      found.push(...this.scanProblems.filter((problem) => !(this.damage && problem.code === "archive-tronquee")));
      found.push(...await this.structure());
      if (this.verify && ["docker-save", "oci"].includes(this.kind)) found.push(...this.contents());
      const seen = new Set();
      this.problems = found.filter((problem) => {
        const key = JSON.stringify(problem);
        return !seen.has(key) && seen.add(key);
      });
      this.valid = !this.problems.some((problem) => problem.severity === "error");
    }

    async structure() {
      if (this.unreadable) return [];
      if (this.kind === "part") {
        return [error("partie-seule", "Ce fichier n'est qu'une partie d'un fichier découpé : donnez toutes les parties, dans une même commande.")];
      }
      if (this.kind === "unknown") {
        if (this.detail === "truncated") return [];
        return [error("pas-une-archive", `Ce n'est pas une archive d'images : ${WORDS[this.detail] || "son format n'est pas reconnu"}.`)];
      }
      if (this.kind === "encrypted") return [warning("contenu-chiffre", "Le contenu est chiffré : sans la phrase, il n'a pas été vérifié.")];
      if (this.kind === "rootfs") return [];
      const found = [], failed = (problems) => problems.some((problem) => problem.severity === "error");
      if (this.compression.length > 1) {
        found.push(warning("compression-multiple", `L'archive est compressée ${this.compression.length} fois : \`docker load\` n'en défait qu'une.`));
      }
      found.push(...this.manifest.problems, ...this.index_.problems, ...this.documentProblems.values());
      if (!this.images.length && !failed([...this.manifest.problems, ...this.index_.problems])) {
        found.push(error("sans-image", "L'archive n'annonce aucune image."));
      }
      this.strangers(found);
      this.names(found);
      if (this.members.has("oci-layout")) {
        const version = get(await this.document("oci-layout"), "imageLayoutVersion");
        if (version !== "1.0.0") found.push(error("oci-layout-invalide", "`oci-layout` n'annonce pas la version 1.0.0."));
        if (!this.members.has("index.json")) found.push(error("index-absent", "`oci-layout` est là, mais pas `index.json` qui va avec."));
        else if (this.members.has("manifest.json")) this.disagreement(found, failed);
      }
      await this.repositories(found);
      for (const image of this.images) this.imageStructure(image, found);
      return found;
    }

    strangers(found) {
      const strangers = [];
      let special = 0, broken = 0;
      const used = new Set(this.images.flatMap((image) => [image.configMember, ...image.layerMembers]));
      for (const [name, member] of this.members) {
        if (["char", "block", "fifo", "other"].includes(member.type)) {
          if (++special <= MOST) found.push(error("membre-special", `\`${shown(name)}\` est un fichier spécial : une archive d'images n'en contient pas.`));
        } else if (["symlink", "hardlink"].includes(member.type) && !this.resolve(name)) {
          if (++broken <= MOST) found.push(error("lien-brise", `Le lien \`${shown(name)}\` mène à \`${shown(member.linkname)}\`, qui n'est pas un fichier de l'archive.`));
        } else if (!EXPECTED.test(name) && !used.has(name)) strangers.push(name);
      }
      if (strangers.length) {
        found.push(warning("membre-inattendu", `L'archive contient aussi \`${shown(strangers[0])}\`` +
          (strangers.length > 1 ? ` et ${strangers.length - 1} autres` : "") + ", étranger au format."));
      }
    }

    names(found) {
      const tags = new Map();
      for (const image of this.manifest.images) for (const tag of image.tags) tags.set(tag, (tags.get(tag) || 0) + 1);
      for (const [tag, count] of tags) {
        if (count > 1) found.push(error("nom-en-double", `Le nom « ${shown(tag)} » est donné ${count} fois dans l'archive.`));
        if (!TAG.test(tag)) found.push(error("nom-invalide", `« ${shown(tag)} » n'est pas un nom d'image.`));
      }
    }

    disagreement(found, failed) {
      if (failed([...this.index_.problems, ...this.manifest.problems])) return;
      const key = (image) => JSON.stringify([image.config, image.layers]), named = new Map();
      for (const [name, variants] of this.index_.named) named.set(familiar(name), [...(named.get(familiar(name)) || []), ...variants.map(key)]);
      const everything = this.index_.images.map(key);
      for (const image of this.manifest.images) {
        for (const tag of image.tags) {
          if (!(named.get(familiar(tag)) || []).includes(key(image))) {
            found.push(error("deux-images", `\`manifest.json\` et \`index.json\` ne désignent pas la même image sous le nom « ${shown(tag)} » : deux moteurs en chargeraient deux différentes.`));
          }
        }
        if (!image.tags.length && !everything.includes(key(image))) {
          found.push(warning("image-hors-index", "Une image sans nom manque dans `index.json` : le magasin containerd ne la chargera pas."));
        }
      }
      const tags = new Set(this.manifest.images.flatMap((image) => image.tags.map(familiar)));
      for (const name of named.keys()) {
        if (name && !tags.has(name)) found.push(error("deux-images", `« ${shown(name)} » n'est annoncé que par \`index.json\` : deux moteurs ne chargeraient pas les mêmes images.`));
      }
    }

    async repositories(found) {
      if (!this.members.has("repositories") || !this.manifest.images.length) return;
      const document = await this.document("repositories");
      if (!isObject(document)) { found.push(warning("repositories-illisible", "`repositories` est illisible.")); return; }
      const listed = new Set(Object.entries(document).flatMap(([name, tags]) => isObject(tags) ? Object.keys(tags).map((tag) => familiar(`${name}:${tag}`)) : []));
      const tags = new Set(this.manifest.images.flatMap((image) => image.tags.map(familiar)).filter((tag) => !tag.includes("@")));
      if (listed.size !== tags.size || [...listed].some((name) => !tags.has(name))) {
        found.push(warning("repositories-different", "`repositories`, que lisent les très vieux moteurs, n'annonce pas les mêmes noms que `manifest.json`."));
      }
    }

    imageStructure(image, found) {
      const name = image.tags.length ? `L'image \`${shown(image.tags[0])}\`` : "L'image sans nom";
      for (const member of image.missing.slice(0, 3)) found.push(error("blob-absent", `${name} a besoin de \`${shown(member)}\`, qui n'est pas dans l'archive.`));
      if (image.missing.includes(image.configMember)) return;
      const ids = image.diffIds, announced = get(image.config, "rootfs", "diff_ids");
      if (!("rootfs" in image.config) || !(announced === null || Array.isArray(announced))) {
        found.push(error("config-illisible", `${name} n'a pas de configuration lisible : pas de « diff_ids ».`));
        return;
      }
      const bad = ids.find((one) => !DIGEST.test(one));
      if (bad !== undefined) found.push(error("digest-invalide", `${name} : « ${shown(bad)} » n'est pas un digest sha256.`));
      const held = image.layerMembers.length;
      if (held !== ids.length) {
        found.push(error(held < ids.length ? "couches-manquantes" : "couches-en-trop",
          `${name} annonce ${ids.length} couche${ids.length > 1 ? "s" : ""} dans sa configuration, et ${held} dans l'archive.`));
      }
      const filled = image.history.filter((line) => !line.empty_layer).length;
      if (filled > ids.length) found.push(error("historique-incoherent", `${name} : l'historique décrit ${filled} couches, la configuration en a ${ids.length}.`));
      else if (list(image.config, "history").length && filled < ids.length) {
        found.push(warning("historique-incomplet", `${name} : l'historique ne décrit que ${filled} couches sur ${ids.length}.`));
      }
    }

    contents() {
      const found = [], blamed = new Set();
      for (const image of this.images) {
        const of = image.tags.length ? `l'image \`${shown(image.tags[0])}\`` : "l'image sans nom";
        const match = NAMED.exec(image.configMember);
        if (match && this.resolve(image.configMember) && `sha256:${match.groups.blob || match.groups.file}` !== image.digest) {
          blamed.add(image.configMember);
          found.push(error("config-alteree", `La configuration de ${of} n'a pas le digest que son nom annonce : elle a été modifiée.`));
        }
        const wrong = [];
        image.layers.forEach((layer, index) => {
          const number = index + 1, computed = `sha256:${layer.contentSha256}`;
          if (!layer.diffId || layer.unreadable) return;
          if (layer.damage) {
            blamed.add(layer.member);
            found.push(error(layer.damage === "bomb" ? "bombe" : "couche-abimee", `La couche ${number} de ${of} ` +
              (layer.damage === "bomb" ? "se décompresse démesurément." : "ne se décompresse pas.")));
          } else if (computed !== layer.diffId) wrong.push([number, layer, computed]);
          else if (!layer.isTar && layer.size) found.push(error("couche-illisible", `La couche ${number} de ${of} n'est pas un tar.`));
        });
        if (wrong.length > 1 && image.present) {
          const bag = (values) => values.sort().join();
          if (bag(wrong.map((one) => one[2])) === bag(wrong.map((one) => one[1].diffId))) {
            found.push(error("couches-permutees", `Les couches de ${of} ne sont pas dans le bon ordre.`));
            continue;
          }
        }
        for (const [number, layer] of wrong) {
          blamed.add(layer.member);
          found.push(error("couche-alteree", `La couche ${number} de ${of} n'a pas le contenu que sa configuration annonce.`));
        }
      }
      let told = 0;
      for (const [name, member] of this.members) {
        const match = NAMED.exec(name);
        if (!match || blamed.has(name) || member.type !== "file") continue;
        const one = this.found.get(member.offset) || { sha256: sha256(NOTHING), contentSha256: sha256(NOTHING) };
        const right = match.groups.blob ? [one.sha256] : [one.sha256, one.contentSha256];
        if (right.includes(match.groups.blob || match.groups.file)) continue;
        if (++told > MOST) break;
        found.push(error("blob-altere", `Le contenu de \`${name}\` n'a pas le digest que son nom annonce.`));
      }
      return found;
    }

    // The object of `inspecter --json`.
    json() {
      return {
        version: 1, file: this.name, kind: this.kind, compression: this.compression, valid: this.valid, problems: this.problems,
        images: this.images.map((image) => ({
          config_digest: image.digest, tags: image.tags, diff_ids: image.diffIds, history: image.history.length,
          architecture: image.architecture, size: image.size,
        })),
      };
    }
  }

  // --- the merged files of an image: what later layers delete or replace, and the archive still holds ---

  // Returns `{hidden: [{path, layer, size, offset, type, by, replaced}]}`, or null when a layer cannot be listed.
  function files(image, tooMany) {
    if (tooMany || !image.present || image.layers.some((layer) => layer.size && (!layer.entries || !layer.whole))) return null;
    const root = { children: new Map(), file: null }, hidden = [];
    const hide = (node, by, replaced) => {
      const stack = [node];
      while (stack.length) {
        const one = stack.pop();
        if (one.file) hidden.push({ ...one.file, by, replaced });
        stack.push(...[...one.children.values()].reverse());
      }
    };
    const walk = (parts) => {
      let node = root;
      for (const part of parts) { node = node.children.get(part); if (!node) return null; }
      return node;
    };
    const hideChildren = (node, by, mine) => {
      for (const [name, child] of [...node.children]) {
        if (!mine.has(child)) { node.children.delete(name); hide(child, by, false); }
        else hideChildren(child, by, mine);
      }
    };
    for (let index = 0; index < image.layers.length; index++) {
      const mine = new Set();
      for (const member of image.layers[index].entries || []) {
        const parts = member.name.split("/").filter((part) => part !== "" && part !== ".");
        if (parts.includes("..")) return null;
        if (!parts.length) continue;
        const name = parts[parts.length - 1], folder = parts.slice(0, -1);
        if (name === ".wh..wh..opq") {
          const node = walk(folder);
          if (node) hideChildren(node, index, mine);
        } else if (name.startsWith(".wh.")) {
          const node = walk(folder), target = name.slice(4), gone = node && node.children.get(target);
          if (gone && !mine.has(gone)) { node.children.delete(target); hide(gone, index, false); }
        } else {
          let parent = null, node = root;
          for (const part of parts) {
            if (!node.children.has(part)) node.children.set(part, { children: new Map(), file: null });
            parent = node;
            node = node.children.get(part);
            mine.add(node);
          }
          const old = node.file, below = old && old.layer !== index;
          if (member.type !== "directory" && (below || node.children.size)) {
            hide(node, index, true);
            node = { children: new Map(), file: null };
            parent.children.set(name, node);
            mine.add(node);
          } else if (below && old.type !== "directory") hidden.push({ ...old, by: index, replaced: true });
          node.file = { path: parts.join("/"), layer: index, type: member.type, size: member.size, offset: member.offset };
        }
      }
    }
    return { hidden };
  }

  // Reads an archive. `verify` hashes everything; `progress(label, done, total)`, in bytes.
  // Rejects with the signal's reason, or `Unreadable` when the disk refuses.
  async function explore(blob, { name = blob.name || "", verify = false, signal = null, progress = null } = {}) {
    const archive = new Archive(new Source(blob, signal, progress), name, verify);
    await archive.open();
    return archive;
  }

  window.atelierArchives = { explore, files, part, french, plural, shown, octets, list, get, readable, Sha256, Unreadable };
})();
