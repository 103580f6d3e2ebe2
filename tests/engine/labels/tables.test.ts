import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ImageIndex } from '../../../src/engine/labels/image-index.ts';
import { joinTables } from '../../../src/engine/labels/join-tables.ts';
import { matchTable, type MatchOptions } from '../../../src/engine/labels/match-table.ts';
import type { RawTable } from '../../../src/engine/labels/raw-table.ts';
import { readTable } from '../../../src/engine/labels/read-table.ts';

const read = (text: string | Buffer, file = 'x.csv') =>
  readTable({ file, place: 'named', open: () => Readable.from([text]) });

/** Joins tables to images whose source is a folder without a name. */
function join(tables: readonly RawTable[], names: readonly string[], options: MatchOptions = {}) {
  const index = new ImageIndex(names);
  const matched = tables.map((table) => matchTable(table, index, options));
  const reason = matched.map((table) => ('reason' in table ? table.reason : undefined)).find(Boolean);
  const fitting = matched.flatMap((table) => ('reason' in table ? [] : [table]));
  return {
    reason,
    ...joinTables(
      fitting,
      Uint32Array.from(names, (_, i) => i),
      names,
    ),
  };
}

/** Joins a CSV text; throws where it names no image. */
async function joined(text: string | Buffer, names: readonly string[], file?: string) {
  const { columns, report, reason } = join([await read(text, file)], names);
  if (!columns || !report) throw new Error(reason);
  const values = Object.fromEntries(columns.map(({ column, values: own }) => [column.name, Array.from(own)]));
  return { columns: columns.map(({ column }) => column), values, report, notes: report.tables![0]!.notes };
}

const images = (count: number) => Array.from({ length: count }, (_, i) => `${i}.jpg`);

describe('labels from a table', () => {
  it('join by path, by file name, and by file name without extension', async () => {
    const { values } = await joined('file,age\nb/1.jpg,20.5\n2.jpg,30.5\n3,40.5\n', [
      'a/1.jpg',
      'b/1.jpg',
      'c/2.jpg',
      'c/3.png',
    ]);
    expect(values['age']).toEqual([Number.NaN, 20.5, 30.5, 40.5]);
  });

  it('find the column of names wherever it stands', async () => {
    const { report, values } = await joined('age,image_id\n20.5,1.jpg\n30.5,2.jpg\n', ['2.jpg', '1.jpg']);
    expect(report.tables![0]!.nameColumn).toBe('image_id');
    expect(values).toEqual({ age: [30.5, 20.5] });
  });

  it('report rows without an image, images without a row, and columns that are no labels', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i}.jpg,${i % 2},remark ${i}`);
    const { report } = await joined(`image,bald,remark\n${rows.join('\n')}`, ['0.jpg', 'x.jpg', '3.jpg']);
    expect(report).toMatchObject({
      file: 'x.csv',
      rowsWithoutImage: 28,
      imagesWithoutRow: 1,
      examples: ['1.jpg', '2.jpg', '4.jpg', '5.jpg', '6.jpg', 'x.jpg'],
      columnsLeftOut: ['remark'],
    });
  });

  it('match names whether composed or decomposed, and with either slash', async () => {
    const text = 'name,v\nMu\u0308ller.jpg,1.5\na\\b.jpg,2.5\n';
    expect((await joined(text, ['M\u00fcller.jpg', 'a/b.jpg'])).values).toEqual({ v: [1.5, 2.5] });
  });

  it('are not joined where no row names an image', async () => {
    const { columns, reason } = join([await read('name,v\nq.jpg,1\n')], ['1.jpg']);
    expect(columns).toBeUndefined();
    expect(reason).toBe(
      'no column of it names the images: its first row is for “q.jpg”, the first image is “1.jpg”',
    );
  });
});

describe('words of labels', () => {
  const rows = (count: number, text: (row: number) => string) =>
    Array.from({ length: count }, (_, row) => `${row}.jpg,${text(row)}`).join('\n');

  it('are none where they are long texts', async () => {
    const text = `image,who,remark\n${rows(60, (i) => `p${i % 3},${'x'.repeat(2000)}${i % 3}`)}`;
    const { columns, report } = await joined(text, images(60));
    expect(columns.map(({ name }) => name)).toEqual(['who']);
    expect(report.columnsLeftOut).toEqual(['remark']);
  });

  it('are not kept without end: columns after the first hundred thousand words are left out', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const cells = (row: number) => names.map(() => `w${row % 9000}`).join(',');
    const { columns, report } = await joined(
      `image,${names.join(',')},sex\n${rows(20_000, (i) => `${cells(i)},${'fm'[i % 2]!}`)}`,
      images(20_000),
    );
    expect(columns.map(({ name }) => name)).toEqual([...names.slice(0, 11), 'sex']);
    expect(report.columnsLeftOut).toEqual(['c11']);
  });
});

const list = (text: string | Buffer, names: readonly string[]) => joined(text, names, 'list_attr_celeba.txt');

describe("CelebA's attributes", () => {
  const names = ['000001.jpg', '000002.jpg'];

  it.each([
    ['with their count line', '2\nBald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n'],
    ['without it', 'Bald Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n'],
    ['with the line ends of Windows', '2\r\nBald Smiling \r\n000001.jpg -1  1\r\n000002.jpg  1 -1\r\n'],
    ['with a header of their own', 'image_id Bald Smiling\n000001.jpg -1 1\n000002.jpg 1 -1\n'],
    ['with commas', 'image_id,Bald,Smiling\n000001.jpg,-1,1\n000002.jpg,1,-1\n'],
    ['with commas and a count line', '2\nBald,Smiling\n000001.jpg,-1,1\n000002.jpg,1,-1\n'],
    ['with a name for what its index is', '2\nBald Smiling\n000001.png -1 1\n000002.png 1 -1\n'],
  ])('are read %s, −1 as 0', async (_, text) => {
    const { columns, values } = await list(text, names);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['Bald', 'binary'],
      ['Smiling', 'binary'],
    ]);
    expect(values).toEqual({ Bald: [0, 1], Smiling: [1, 0] });
  });

  it('grow beyond the first block of rows', async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `${i}.jpg ${i % 3 ? 1 : -1} 1`);
    const { values } = await list(`9000\nA B\n${rows.join('\n')}`, images(9000));
    expect(values['A']).toEqual(rows.map((_, i) => (i % 3 ? 1 : 0)));
  });

  it('are refused where a row is cut short, with its line', async () => {
    await expect(read('1\nBald Smiling\n1.jpg 1 1\n2.jpg 1\n', 'list.txt')).rejects.toThrow(
      'line 4 has 1 values, not 2',
    );
    await expect(read('', 'list.txt')).rejects.toThrow('it is empty');
  });

  it('are refused where they are too wide, or where a line does not end', async () => {
    const wide = Array.from({ length: 30_000 }, (_, i) => `a${i}`).join(' ');
    await expect(read(`${wide}\n${wide}\n`, 'list.txt')).rejects.toThrow(
      'it has 30,000 columns, and at most 4,096 are read',
    );
    async function* endless(): AsyncGenerator<string> {
      yield 'Bald Smiling\n1.jpg 1 1\n';
      for (;;) yield await Promise.resolve('Bald '.repeat(8000));
    }
    await expect(readTable({ file: 'list.txt', place: 'named', open: endless })).rejects.toThrow(
      'its row 3 is longer than 1,000,000 characters',
    );
  });

  it('are read whatever ends the lines and wherever pieces end', async () => {
    const text = 'Bald Smiling\r\n1.jpg -1 1\n2.jpg 1 -1\r3.jpg 1 1\r\n';
    for (let at = 1; at < text.length; at++) {
      const open = () => Readable.from([text.slice(0, at), text.slice(at)]);
      const { columns } = join(
        [await readTable({ file: 'list.txt', place: 'named', open })],
        ['1.jpg', '2.jpg', '3.jpg'],
      );
      expect(Array.from(columns![0]!.values), `${at}`).toEqual([0, 1, 1]);
    }
  });
});

describe("CelebA's other lists", () => {
  const names = ['000001.jpg', '000002.jpg', '000003.jpg'];

  it('are the identities, without a header', async () => {
    const { values, notes } = await joined(
      '000001.jpg 2880\n000002.jpg 2937\n000003.jpg 2880\n',
      names,
      'identity_CelebA.txt',
    );
    expect(Object.keys(values)).toEqual(['identity']);
    expect(notes).toContain('It has no header line; its values are called “identity”.');
  });

  it('are the landmarks', async () => {
    const rows = names.map((name, i) => `${name}  ${69 + i} 109`).join('\n');
    const { values } = await joined(
      `3\nlefteye_x lefteye_y\n${rows}\n`,
      names,
      'list_landmarks_align_celeba.txt',
    );
    expect(values['lefteye_x']).toEqual([69, 70, 71]);
  });

  it('are the partition, in words', async () => {
    const { columns, values } = await joined(
      '000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n',
      names,
      'list_eval_partition.txt',
    );
    expect(columns).toMatchObject([
      { name: 'partition', categories: expect.arrayContaining(['train', 'validation', 'test']) as unknown },
    ]);
    const words = columns[0]!.categories!;
    expect(values['partition']!.map((value) => words[value])).toEqual(['train', 'validation', 'test']);
  });

  it("are CelebA-HQ's annotations and poses", async () => {
    const text = '3\nBald Smiling\n0.jpg  -1 -1\n1.jpg  1 -1\n2.jpg  -1 1\n';
    expect((await joined(text, images(3), 'CelebAMask-HQ-attribute-anno.txt')).values).toEqual({
      Bald: [0, 1, 0],
      Smiling: [0, 0, 1],
    });
    const pose = '3\nYaw Pitch\n0.jpg 0.5 -1.25\n1.jpg 1.5 0.25\n2.jpg -0.5 1\n';
    expect((await joined(pose, images(3), 'CelebAMask-HQ-pose-anno.txt')).values['Yaw']).toEqual([
      0.5, 1.5, -0.5,
    ]);
  });
});

describe('the column of names', () => {
  it.each([
    ['after the index of pandas', ',image_path,age\n0,0.jpg,20\n1,1.jpg,21\n', { age: [20, 21] }],
    [
      'after an index that pandas has read again',
      'Unnamed: 0,f,age\n0,0.jpg,20\n1,1.jpg,21\n',
      { age: [20, 21] },
    ],
    ['at the end', 'Age,Image Name\n20,0.jpg\n21,1.jpg\n', { Age: [20, 21] }],
    ['with another extension', 'file,age\n0.png,20\n1.PNG,21\n', { age: [20, 21] }],
    ['without one', 'id,age\n0,20\n1,21\n', { age: [20, 21] }],
    ['with a folder', 'file,age\ntrain/0.jpg,20\ntrain/1.jpg,21\n', { age: [20, 21] }],
    ['with absolute paths', 'file,age\n/home/me/faces/0.jpg,20\nC:\\faces\\1.jpg,21\n', { age: [20, 21] }],
    ['in quotes', '"file";"age"\n"0.jpg";"20"\n"1.jpg";"21"\n', { age: [20, 21] }],
    ['in capitals', 'file,age\n0.JPG,20\n1.JPG,21\n', { age: [20, 21] }],
  ])('is found %s', async (_, text, values) => {
    const found = await joined(text, ['0.jpg', '1.jpg']);
    expect(
      Object.fromEntries(
        found.columns.map(({ name, categories }) => [
          name,
          found.values[name]!.map((v) => Number(categories?.[v] ?? v)),
        ]),
      ),
    ).toEqual(values);
  });

  it('is not a column of people, of ages or of numbers that count the rows', async () => {
    const rows = images(30).map((name, i) => `${name},${i % 2 ? 'Ann' : 'Bob'},${i}`);
    const { columns, report } = await joined(`img,name,age\n${rows.join('\n')}`, images(30));
    expect(report.tables![0]!.nameColumn).toBe('img');
    expect(columns.map(({ name }) => name)).toEqual(['name', 'age']);
  });

  it('is not found among the prices of another table', async () => {
    const { reason } = join([await read('product,price\napple,3\npear,3\nplum,3\nfig,9\n')], images(30));
    expect(reason).toContain('no column of it names the images');
  });

  it('is the one that a person names', async () => {
    const table = await read('a,b,v\n0.jpg,1.jpg,5.5\n1.jpg,0.jpg,6.5\n');
    expect(Array.from(join([table], images(2), { nameColumn: 'B' }).columns!.at(-1)!.values)).toEqual([
      6.5, 5.5,
    ]);
    expect(join([table], images(2), { nameColumn: 'v' }).reason).toBe(
      'no value of its column “v” names an image',
    );
    expect(join([table], images(2), { nameColumn: 'c' }).reason).toContain(
      'it has no column “c”; its columns are “a”, “b”, “v”',
    );
  });
});

describe('names that fit several images', () => {
  it('are not used, and are reported with the candidates', async () => {
    const { values, report } = await joined('file,age\n0.jpg,20.5\n1.jpg,21.5\n', [
      'a/0.jpg',
      'b/0.jpg',
      'a/1.jpg',
    ]);
    expect(values['age']).toEqual([Number.NaN, Number.NaN, 21.5]);
    expect(report.tables![0]).toMatchObject({
      ambiguous: 1,
      ambiguousNames: [{ name: '0.jpg', candidates: ['a/0.jpg', 'b/0.jpg'] }],
    });
  });

  it('are told apart by their folders', async () => {
    const text = 'file,age\n/data/a/0.jpg,20.5\n/data/b/0.jpg,21.5\n';
    expect((await joined(text, ['a/0.jpg', 'b/0.jpg'])).values['age']).toEqual([20.5, 21.5]);
  });

  it('are told apart by their extension', async () => {
    const text = 'file,age\n0.jpg,20.5\n0.png,21.5\n';
    expect((await joined(text, ['x/0.png', 'x/0.jpg'])).values['age']).toEqual([21.5, 20.5]);
  });

  it('are rows of other folders for one image', async () => {
    const text = 'file,age\na/0.jpg,20.5\nb/0.jpg,21.5\na/1.jpg,22.5\n';
    const { values, report } = await joined(text, ['c/0.jpg', 'c/1.jpg']);
    expect(values['age']).toEqual([Number.NaN, 22.5]);
    expect(report.tables![0]!.ambiguous).toBe(2);
  });

  it('are never those of another part of a split', () => {
    const index = new ImageIndex(['1.jpg'], '/data/train');
    expect(index.find('train/1.jpg')).toMatchObject({ image: 0 });
    expect(index.find('val/1.jpg')).toBeUndefined();
  });
});

describe('how a table is written', () => {
  const two = ['0.jpg', '1.jpg', '2.jpg', '3.jpg'];
  const rows = (separator: string) =>
    ['file', 'weight', 'age'].join(separator) +
    '\n' +
    two.map((name, i) => [name, `${i},5`, `${20 + i}`].join(separator)).join('\n');

  it.each([
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['vertical bars', '|'],
  ])('%s and a decimal comma are recognised and said', async (word, separator) => {
    const { columns, values, notes } = await joined(rows(separator), two);
    expect(columns.map(({ type }) => type)).toEqual(['continuous', 'continuous']);
    expect(values['weight']).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(notes).toContain(`Its values are separated by ${word}.`);
    expect(notes).toContain('Its numbers have a decimal comma: weight.');
  });

  it('commas between thousands are no decimals', async () => {
    const { values, notes } = await joined(
      'file,sum\n0.jpg,"1,234"\n1.jpg,"12,345"\n2.jpg,"999"\n3.jpg,"1,000,000"\n',
      two,
    );
    expect(values['sum']).toEqual([1234, 12345, 999, 1_000_000]);
    expect(notes).toContain('Its numbers have commas between thousands: sum.');
  });

  it('a line “sep=;” is no header', async () => {
    const { columns, notes } = await joined(`sep=;\r\n${rows(';')}`, two);
    expect(columns.map(({ name }) => name)).toEqual(['weight', 'age']);
    expect(notes).toContain('Its first line says that semicolons separate the values.');
  });

  it.each([
    ['a byte order mark', Buffer.from(`\uFEFF${rows(';')}`), undefined],
    ['UTF-16', Buffer.from(`\uFEFF${rows(';')}`, 'utf16le'), 'Its letters are UTF-16.'],
    [
      'UTF-16, the high bytes first',
      Buffer.from(`\uFEFF${rows(';')}`, 'utf16le').swap16(),
      'Its letters are UTF-16.',
    ],
    ['UTF-16 without a mark', Buffer.from(rows(';'), 'utf16le'), 'Its letters are UTF-16.'],
  ])('%s is read', async (_, bytes, note) => {
    const { values, notes } = await joined(bytes, two);
    expect(values['weight']).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(notes.find((text) => text.startsWith('Its letters'))).toBe(note);
  });

  it('Latin-1 is read', async () => {
    const text = Buffer.from('file,who\n0.jpg,Ren\xe9\n1.jpg,J\xf6rg\n2.jpg,Ren\xe9\n', 'latin1');
    const { columns, notes } = await joined(text, two);
    expect(columns[0]!.categories).toEqual(['Jörg', 'René']);
    expect(notes).toContain('Its letters are Latin-1 (Windows-1252).');
  });

  it('a missing header is seen, and no row is lost', async () => {
    const { values, notes, report } = await joined('0.jpg,0.5\n1.jpg,1.5\n2.jpg,2.5\n3.jpg,3.5\n', two);
    expect(values).toEqual({ 'column 2': [0.5, 1.5, 2.5, 3.5] });
    expect(report.rowsWithoutImage).toBe(0);
    expect(notes).toContain('It has no header line, so its columns are called “column 2”.');
    const ids = await joined('0,0.5\n1,1.5\n2,2.5\n3,3.5\n', two);
    expect(ids.values).toEqual({ 'column 2': [0.5, 1.5, 2.5, 3.5] });
  });

  it('infinity and blanks are unknown numbers', async () => {
    const { columns, values, notes } = await joined(
      'file,score\n0.jpg,1.5\n1.jpg,inf\n2.jpg,\n3.jpg,-Infinity\n',
      two,
    );
    expect(columns[0]!.type).toBe('continuous');
    expect(values['score']).toEqual([1.5, Number.NaN, Number.NaN, Number.NaN]);
    expect(notes).toContain('Infinity is taken as an unknown value: score.');
  });

  it('long whole numbers keep all their digits', async () => {
    const { columns } = await joined(
      'file,id\n0.jpg,16777217\n1.jpg,16777219\n2.jpg,9007199254740993\n3.jpg,5\n',
      two,
    );
    expect(columns[0]).toMatchObject({
      type: 'categorical',
      categories: ['5', '16777217', '16777219', '9007199254740993'],
    });
  });

  it.each([
    ['<!DOCTYPE html><html><body>Quota exceeded</body></html>', 'it is a web page or XML, not a table'],
    ['PK\u0003\u0004 and so on', 'it is an archive or an Excel workbook, not a text'],
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
      'it is a pointer of Git LFS, not the table itself',
    ],
  ])('what is no table is named: %s', async (text, reason) => {
    await expect(read(text)).rejects.toThrow(`Could not read x.csv: ${reason}.`);
  });

  it('JSON Lines are read, with objects in them', async () => {
    const lines = [
      { file_name: '0.jpg', age: 20.5, pose: { yaw: 1 }, tags: ['a'] },
      { file_name: '1.jpg', age: null, pose: { yaw: 2 }, smiling: true },
    ];
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const { values, notes } = await joined(text, ['1.jpg', '0.jpg'], 'metadata.jsonl');
    expect(values).toEqual({ age: [Number.NaN, 20.5], 'pose.yaw': [1, 0], smiling: [1, Number.NaN] });
    expect(notes).toContain('Lists cannot be labels and were left out: tags.');
    await expect(read('{"a":1}\n{"a":', 'metadata.jsonl')).rejects.toThrow('line 2 is not a JSON object');
  });
});

describe('several tables', () => {
  it('of different images have one column together, typed as one', async () => {
    const train = await read('file,age\ntrain/1.jpg,20-29\ntrain/2.jpg,3-9\n', 'train.csv');
    const val = await read('file,age\nval/1.jpg,30-39\nval/2.jpg,3-9\n', 'val.csv');
    const names = ['train/1.jpg', 'train/2.jpg', 'val/1.jpg', 'val/2.jpg'];
    const { columns, report } = join([train, val], names);
    expect(columns).toHaveLength(1);
    const { column, values } = columns![0]!;
    expect(Array.from(values, (value) => column.categories![value])).toEqual([
      '20-29',
      '3-9',
      '30-39',
      '3-9',
    ]);
    expect(report).toMatchObject({ file: 'train.csv, val.csv', imagesWithoutRow: 0, rowsWithoutImage: 0 });
  });

  it('that say the same of the same images are not joined twice, and others keep both columns', async () => {
    const one = await read('file,age\n0.jpg,20.5\n1.jpg,21.5\n', 'one.csv');
    const same = await read('file,age\n1.jpg,21.5\n0.jpg,20.5\n', 'same.csv');
    const other = await read('file,age\n0.jpg,30.5\n1.jpg,31.5\n', 'other.csv');
    const { columns } = join([one, same, other], images(2));
    expect(columns!.map(({ column, values }) => [column.name, ...values])).toEqual([
      ['age', 20.5, 21.5],
      ['age (other)', 30.5, 31.5],
    ]);
  });
});

describe('JSON', () => {
  it('lists of records are read, and long whole numbers keep all their digits', async () => {
    const long = ['12345678901234567890', '-12345678901234567891', '12345678901234567892'];
    const rows = [0, 1, 2, 3, 4, 5].map(
      (i) =>
        `{"file": "${i}.jpg", "id": ${long[i % 3]}, "x": ${i}.12345678901234567890, "pose": {"yaw": ${i}.5}}`,
    );
    for (const [text, file] of [
      [`[\n${rows.join(',\n')}\n]`, 'labels.json'],
      [rows.join('\n'), 'metadata.jsonl'],
      [rows.join('\n'), 'lines.json'],
    ] as const) {
      const { columns, values } = await joined(text, images(6), file);
      expect(columns.find(({ name }) => name === 'id')!.categories).toEqual([long[1], long[0], long[2]]);
      expect(values['id']).toEqual([1, 0, 2, 1, 0, 2]);
      expect(values['pose.yaw']).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
      expect(values['x']![3]).toBeCloseTo(3.1234567);
    }
  });

  it.each([
    ['{"images": [{"id": 1}], "annotations": []}', 'COCO’s format'],
    ['{\n"0.jpg": {"age": 3}\n}', 'one JSON object (“0.jpg”)'],
    ['{"epochs": 1, "rate": 0.5}', 'one JSON object (“epochs”, “rate”)'],
    ['[1, 2, 3]', 'not a list of records'],
    ['[{"file": "0.jpg"', 'not valid JSON'],
    ['"text"', 'not a list of records'],
    ['[]', 'it is empty'],
    ['['.repeat(1_000_000), 'not valid JSON'],
    [`[${'['.repeat(200_000)}1234567890123456789`, 'not valid JSON'],
  ])('of another kind is refused with the reason: %.40s', async (text, reason) => {
    await expect(read(text, 'labels.json')).rejects.toThrow(reason);
  });
});

describe('spreadsheets', () => {
  it('of which formulas failed have unknown values, which is said', async () => {
    const cells = ['1.5', '2.5', '#N/A', '#DIV/0!', '5.5', '#VALUE!'];
    const { values, notes } = await joined(
      `file,a\n${cells.map((cell, i) => `${i}.jpg,${cell}`).join('\n')}`,
      images(6),
    );
    expect(values['a']).toEqual([1.5, 2.5, Number.NaN, Number.NaN, 5.5, Number.NaN]);
    expect(notes.join(' ')).toContain('errors are taken as unknown values (#N/A, #DIV/0!, #VALUE!): a.');
  });

  it.each([
    ['My labels,,\n,,\nfile,a,b\n', 'The row “My labels” above its header is a title'],
    ['My labels,,\nof May,,\nfile,a,b\n', 'The rows “My labels”, “of May” above its header are titles'],
    ['My labels\n\nfile,a,b\n', 'The row “My labels” above its header is a title'],
  ])('with rows above the header have the names of the header: %j', async (head, said) => {
    const rows = [0, 1, 2, 3].map((i) => `${i}.jpg,${i}.5,${i % 2 ? 'cat' : 'dog'}`);
    const { columns, values, report, notes } = await joined(`${head}${rows.join('\n')}`, images(4));
    expect(columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(values['a']).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(report.tables![0]!.rows).toBe(4);
    expect(notes.join(' ')).toContain(said);
  });

  it('lose no row where a header has one name only', async () => {
    const { values } = await joined('file,,\n0.jpg,1.5,cat\n1.jpg,2.5,dog\n', images(2));
    expect(Object.values(values)[0]).toEqual([1.5, 2.5]);
  });
});

describe('what a table says less than well', () => {
  it('infinity among whole numbers is said, and makes them measurements', async () => {
    const cells = ['1', '2', 'nan', 'inf', '-Inf', '1e5', '3', '3', '2', '1', '1'];
    const { columns, values, notes } = await joined(
      `file,a\n${cells.map((cell, i) => `${i}.jpg,${cell}`).join('\n')}`,
      images(11),
    );
    expect(columns[0]!.type).toBe('continuous');
    expect(values['a']!.slice(0, 6)).toEqual([1, 2, Number.NaN, Number.NaN, Number.NaN, 1e5]);
    expect(notes).toContain('Infinity is taken as an unknown value: a.');
  });

  it('later rows of an image are not rows without an image', async () => {
    const { report, notes } = await joined(
      'file,a\n0.jpg,1.5\n1.jpg,2.5\n0.jpg,3.5\n0.jpg,4.5\n9.jpg,5\n',
      images(2),
    );
    expect(report.tables![0]).toMatchObject({ rows: 5, rowsWithoutImage: 1 });
    expect(notes.join(' ')).toContain('the first row was used (2 later rows)');
  });

  it('a quotation mark that is not closed is told, with the lines that it takes', async () => {
    const { notes } = await joined('file,a\n0.jpg,x\n1.jpg,"y\n2.jpg,x\n3.jpg,y\n4.jpg,x\n', images(5));
    expect(notes.join(' ')).toContain(
      'in its row 3 is not closed, so the 3 lines after it were read as one value',
    );
  });
});
