import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { OwnPicture, Samples } from './own-picture.ts';
import { checkSize, UnreadableImage } from './unreadable.ts';

/** A memory that has grown beyond this is given back after the picture: it never shrinks. */
const MOST_KEPT_BYTES = 128 * 2 ** 20;

interface EnumValue {
  readonly value: number;
}

/** What libheif returns in the place of a result. */
interface Failure {
  readonly code: EnumValue;
  readonly message?: string;
}

type Context = Readonly<Record<'context', never>>;
type Handle = Readonly<Record<'handle', never>> & { readonly code?: undefined };
type Image = Readonly<Record<'image', never>>;

interface Channel {
  readonly id: EnumValue;
  readonly width: number;
  readonly height: number;
  /** Bytes per row of `data`. */
  readonly stride: number;
  /** A view of the decoder's memory. */
  readonly data: Uint8Array;
}

interface DecodedImage {
  readonly code?: undefined;
  readonly image: Image;
  readonly channels: readonly Channel[];
}

/** The functions of libheif that are used, as its package exports them. */
interface Libheif {
  readonly HEAPU8: Uint8Array;
  readonly heif_colorspace: { readonly heif_colorspace_RGB: EnumValue };
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGBA: EnumValue };
  readonly heif_channel: { readonly heif_channel_interleaved: EnumValue };
  heif_context_alloc(): Context;
  heif_context_free(context: Context): void;
  heif_context_read_from_memory(context: Context, bytes: Uint8Array): Failure;
  heif_context_get_number_of_top_level_images(context: Context): number;
  heif_js_context_get_primary_image_handle(context: Context): Handle | Failure;
  heif_image_handle_release(handle: Handle): void;
  heif_image_handle_get_width(handle: Handle): number;
  heif_image_handle_get_height(handle: Handle): number;
  heif_image_handle_is_premultiplied_alpha(handle: Handle): number;
  heif_js_decode_image2(handle: Handle, colours: EnumValue, chroma: EnumValue): DecodedImage | Failure;
  heif_image_release(image: Image): void;
}

type CreateLibheif = (options: {
  readonly wasmBinary: Uint8Array;
  readonly print: () => void;
  readonly printErr: () => void;
}) => Libheif;

let create: (() => Libheif) | undefined;
let kept: Libheif | undefined;

/** Loaded when the first picture needs it. The WebAssembly stays a file of its own, which may be replaced. */
function libheif(): Libheif {
  if (!create) {
    const require = createRequire(import.meta.url);
    const createLibheif = require('libheif-js/libheif-wasm/libheif.js') as CreateLibheif;
    const wasmBinary = readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm'));
    const ignore = (): void => undefined;
    create = () => createLibheif({ wasmBinary, print: ignore, printErr: ignore });
  }
  return (kept ??= create());
}

function refusal({ message = '' }: Failure): UnreadableImage {
  // The decoder has limits of its own, before and after it has read the header.
  const size = /Image size (\d+)x(\d+) exceeds/.exec(message);
  if (size) checkSize(Number(size[1]), Number(size[2]));
  const end = message.slice(message.lastIndexOf(':') + 1).trim();
  if (/end of data|end of file|too small|ends? early/i.test(message))
    return new UnreadableImage('the HEIC ends early');
  if (/no or invalid primary|no 'meta'|no meta/i.test(message)) {
    return new UnreadableImage('the HEIC holds no picture of its own, but maybe an animation');
  }
  const isOtherKind = /unsupported|no matching decoder|plugin is not loaded/i.test(message);
  if (isOtherKind) {
    return new UnreadableImage(`it is a HEIF of a kind that is not supported (${end}); save it as JPEG`);
  }
  return new UnreadableImage('the HEIC is damaged', { cause: message });
}

/**
 * Works on a file's primary picture.
 *
 * @throws UnreadableImage
 */
function withPrimary<T>(bytes: Buffer, work: (lib: Libheif, handle: Handle, pictures: number) => T): T {
  const lib = libheif();
  try {
    const context = lib.heif_context_alloc();
    try {
      const read = lib.heif_context_read_from_memory(context, bytes);
      if (read.code.value !== 0) throw refusal(read);
      const handle = lib.heif_js_context_get_primary_image_handle(context);
      if (handle.code !== undefined) throw refusal(handle);
      try {
        return work(lib, handle, lib.heif_context_get_number_of_top_level_images(context));
      } finally {
        lib.heif_image_handle_release(handle);
      }
    } finally {
      lib.heif_context_free(context);
    }
  } catch (error) {
    if (error instanceof UnreadableImage) throw error;
    // The decoder stopped: what its memory holds now is not known.
    kept = undefined;
    throw new UnreadableImage('the HEIC is damaged', { cause: error });
  } finally {
    if (lib.HEAPU8.length > MOST_KEPT_BYTES) kept = undefined;
  }
}

/** Lays a channel of red, green, blue and transparency over white. */
function overWhite({ data, stride, width, height }: Channel, isPremultiplied: boolean): Samples {
  const colours = new Uint8Array(width * height * 3);
  let isTransparent = false;
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = y * stride, end = from + 4 * width; from < end; from += 4, to += 3) {
      const alpha = data[from + 3]!;
      for (let c = 0; c < 3; c++) {
        const value = data[from + c]!;
        if (alpha === 255) colours[to + c] = value;
        else {
          const own = isPremultiplied ? value : (value * alpha) / 255;
          colours[to + c] = Math.min(255, Math.round(own + 255 - alpha));
        }
      }
      if (alpha !== 255) isTransparent = true;
    }
  }
  return { channels: 3, data: colours, isTransparent };
}

/**
 * Reads the header of a HEIC or another HEIF whose pixels are compressed by HEVC. Of several pictures in the file, the
 * primary one is read. Pixels of more than eight bits are decoded to the eight higher ones.
 *
 * The decoder turns and mirrors the picture as the file's properties say. EXIF may say the same once more and is not read.
 *
 * @throws UnreadableImage
 */
export function readHeic(bytes: Buffer): OwnPicture {
  return withPrimary(bytes, (lib, handle, pictures) => {
    const width = lib.heif_image_handle_get_width(handle);
    const height = lib.heif_image_handle_get_height(handle);
    if (width <= 0 || height <= 0) throw new UnreadableImage('the HEIC is damaged');
    return {
      width,
      height,
      orientation: 1,
      isDeep: false,
      pictures,
      decode: () => decodePrimary(bytes, width, height),
    };
  });
}

function decodePrimary(bytes: Buffer, width: number, height: number): Samples {
  return withPrimary(bytes, (lib, handle) => {
    const { heif_colorspace, heif_chroma, heif_channel } = lib;
    const isPremultiplied = lib.heif_image_handle_is_premultiplied_alpha(handle) !== 0;
    const decoded = lib.heif_js_decode_image2(
      handle,
      heif_colorspace.heif_colorspace_RGB,
      heif_chroma.heif_chroma_interleaved_RGBA,
    );
    if (decoded.code !== undefined) throw refusal(decoded);
    try {
      const channel = decoded.channels.find(({ id }) => id === heif_channel.heif_channel_interleaved);
      if (channel?.width !== width || channel.height !== height) {
        throw new UnreadableImage('the HEIC is damaged');
      }
      return overWhite(channel, isPremultiplied);
    } finally {
      lib.heif_image_release(decoded.image);
    }
  });
}
