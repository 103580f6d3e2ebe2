/** The colours of one theme: every colour in the app is one of these. */
export interface Palette {
  readonly canvas: string;
  readonly app: string;
  readonly panel: string;
  readonly raised: string;
  readonly hover: string;
  readonly well: string;
  readonly line: string;
  readonly line2: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly ctl: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly onAccent: string;
  readonly bad: string;
  readonly badSoft: string;
  readonly warn: string;
  readonly shadow: string;
  /** Of labels, in order; told apart by colour-blind eyes too. The accent's green is left out on purpose. */
  readonly categories: readonly string[];
  /** For matrices, from none to much. */
  readonly tide: readonly string[];
  /** For signed values, from negative over nothing to positive. */
  readonly seam: readonly string[];
}

export type ThemeName = 'dark' | 'light';

export const PALETTES: Readonly<Record<ThemeName, Palette>> = {
  dark: {
    canvas: '#0F0F11',
    app: '#141416',
    panel: '#1B1B1E',
    raised: '#232327',
    hover: '#2B2B30',
    well: '#101012',
    line: '#2A2A2F',
    line2: '#3B3B42',
    ink: '#F3F3F4',
    ink2: '#B7B7BE',
    ink3: '#9696A0',
    ctl: '#6E6E78',
    accent: '#4ED2BF',
    accentSoft: 'rgba(78, 210, 191, 0.14)',
    onAccent: '#062B27',
    bad: '#FF8278',
    badSoft: 'rgba(255, 130, 120, 0.12)',
    warn: '#F2BC57',
    shadow: 'rgba(0, 0, 0, 0.5)',
    categories: ['#5E9BFF', '#F28C28', '#F8E58C', '#C9609F', '#B7C9E8', '#9A5CF0'],
    tide: ['#181F23', '#123E48', '#0C6468', '#208F88', '#47BEAA', '#86EBCC', '#D5FFEB'],
    seam: ['#8CCAFF', '#5294E6', '#33588F', '#252729', '#8A4A26', '#DD7B2B', '#FEC57E'],
  },
  light: {
    canvas: '#FAFAFA',
    app: '#F4F4F5',
    panel: '#FFFFFF',
    raised: '#FFFFFF',
    hover: '#EBEBED',
    well: '#EFEFF1',
    line: '#E3E3E6',
    line2: '#CBCBD1',
    ink: '#17171A',
    ink2: '#4C4C55',
    ink3: '#676771',
    ctl: '#8E8E98',
    accent: '#09736A',
    accentSoft: 'rgba(9, 115, 106, 0.1)',
    onAccent: '#FFFFFF',
    bad: '#B9241C',
    badSoft: 'rgba(185, 36, 28, 0.08)',
    warn: '#845400',
    shadow: 'rgba(20, 20, 30, 0.18)',
    categories: ['#2F6FDB', '#D97B00', '#5E5200', '#A3216F', '#6F93CC', '#4A1FA8'],
    tide: ['#F3F8F7', '#C2E7E0', '#88D1C6', '#46B3A8', '#178C89', '#0D646C', '#043B4C'],
    seam: ['#1351A6', '#4682CC', '#8DB5E0', '#E6E8EA', '#E9B17B', '#D8732B', '#A63D02'],
  },
};

/** What changes where a person asked their system for more contrast: texts, lines, controls and their grounds. */
export const MORE_CONTRAST: Readonly<Record<ThemeName, Partial<Palette>>> = {
  dark: {
    canvas: '#000000',
    app: '#000000',
    panel: '#000000',
    raised: '#0A0A0B',
    hover: '#2B2B30',
    well: '#000000',
    line: '#85858F',
    line2: '#ABABB5',
    ink: '#FFFFFF',
    ink2: '#EAEAEE',
    ink3: '#D6D6DC',
    ctl: '#C2C2CA',
    accent: '#6FF2DF',
    bad: '#FFB0A9',
    warn: '#FFD27A',
  },
  light: {
    canvas: '#FFFFFF',
    app: '#FFFFFF',
    panel: '#FFFFFF',
    raised: '#FFFFFF',
    hover: '#E2E2E6',
    well: '#FFFFFF',
    line: '#77777F',
    line2: '#55555E',
    ink: '#000000',
    ink2: '#1D1D22',
    ink3: '#303037',
    ctl: '#46464E',
    accent: '#004F48',
    bad: '#8A0D07',
    warn: '#573600',
  },
};

/** The colours of a theme, with more contrast where that is asked for. */
export function paletteOf(name: ThemeName, hasMoreContrast: boolean): Palette {
  return hasMoreContrast ? { ...PALETTES[name], ...MORE_CONTRAST[name] } : PALETTES[name];
}

/** Cividis, for continuous values of points; the same in both themes, told apart by colour-blind eyes too. */
export const CIVIDIS: readonly string[] = [
  '#00224E',
  '#123570',
  '#3B496C',
  '#575D6D',
  '#707173',
  '#8A8678',
  '#A59C74',
  '#C3B369',
  '#E1CC55',
  '#FEE838',
];
