import protobuf from 'protobufjs/light.js';

/** Types of a tensor's numbers, by ONNX's names and numbers. */
export const OnnxType = { float: 1, int64: 7 } as const;

/** An attribute of a node: a whole number, a real number, or a list of whole numbers. */
export interface OnnxAttribute {
  readonly name: string;
  readonly type: number;
  readonly i?: number;
  readonly f?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
}

/** An operation, which names its inputs and outputs. */
export interface OnnxNode {
  readonly opType: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

/** A constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Its numbers in little-endian order, rows last varying fastest. */
  readonly rawData: Uint8Array;
}

/** An input or output of a graph; a text among its sizes names one that is chosen when the graph runs. */
export interface OnnxValue {
  readonly name: string;
  readonly sizes: readonly (number | string)[];
}

/** A graph of operations. */
export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValue[];
  readonly output: readonly OnnxValue[];
}

/** The version of ONNX's file format (IR), of May 2022, and of its operations. Runtimes read all earlier ones. */
const IR_VERSION = 8;
const OPSET_VERSION = 17;

const repeated = { rule: 'repeated' } as const;

/** The messages of ONNX (onnx.proto) with those fields that are written here, by their numbers. */
const root = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { type: 'OperatorSet', id: 8, ...repeated },
      },
    },
    OperatorSet: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Graph: {
      fields: {
        node: { type: 'Node', id: 1, ...repeated },
        name: { type: 'string', id: 2 },
        initializer: { type: 'Tensor', id: 5, ...repeated },
        input: { type: 'ValueInfo', id: 11, ...repeated },
        output: { type: 'ValueInfo', id: 12, ...repeated },
      },
    },
    Node: {
      fields: {
        input: { type: 'string', id: 1, ...repeated },
        output: { type: 'string', id: 2, ...repeated },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { type: 'Attribute', id: 5, ...repeated },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        ints: { type: 'int64', id: 8, ...repeated },
        type: { type: 'int32', id: 20 },
      },
    },
    Tensor: {
      fields: {
        dims: { type: 'int64', id: 1, ...repeated },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Type: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } } },
    Shape: { fields: { dim: { type: 'Dimension', id: 1, ...repeated } } },
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
  },
});
const Model = root.lookupType('Model');

/** The bytes of an ONNX file with one graph of float32 inputs and outputs. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  return Model.encode({
    irVersion: IR_VERSION,
    producerName: 'Unravel',
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph: { ...graph, input: graph.input.map(valueInfo), output: graph.output.map(valueInfo) },
  }).finish();
}

function valueInfo({ name, sizes }: OnnxValue): object {
  const dim = sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: OnnxType.float, shape: { dim } } } };
}
