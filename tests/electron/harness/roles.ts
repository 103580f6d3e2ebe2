import type CDP from 'chrome-remote-interface';

/** Roles by which tests look for things. */
export type Role =
  | 'button'
  | 'checkbox'
  | 'combobox'
  | 'dialog'
  | 'heading'
  | 'img'
  | 'link'
  | 'menuitem'
  | 'option'
  | 'radio'
  | 'slider'
  | 'spinbutton'
  | 'status'
  | 'switch'
  | 'tab'
  | 'textbox';

/** Chromium's own names for some of them, which changed over the years. */
const ALSO: Partial<Record<Role, readonly string[]>> = {
  img: ['image'],
  combobox: ['popUpButton', 'comboBoxSelect', 'ComboBoxMenuButton', 'ComboBoxGrouping'],
  option: ['menuListOption', 'listBoxOption'],
};

/** A thing as the accessibility tree has it. */
export interface AccessibleNode {
  /** The protocol's `backendNodeId`. */
  readonly nodeId: number;
  readonly name: string;
}

/** Everything with this role and name that is not hidden from people who cannot see. */
export async function accessibleNodes(
  client: CDP.Client,
  role: Role,
  name: string | RegExp,
): Promise<AccessibleNode[]> {
  const { nodes } = await client.Accessibility.getFullAXTree({});
  const roles = new Set([role, ...(ALSO[role] ?? [])].map((each) => each.toLowerCase()));
  const found: AccessibleNode[] = [];
  for (const node of nodes) {
    const nodeName = String(node.name?.value ?? '').trim();
    if (node.ignored || node.backendDOMNodeId === undefined) continue;
    if (!roles.has(String(node.role?.value).toLowerCase())) continue;
    if (typeof name === 'string' ? nodeName !== name : !name.test(nodeName)) continue;
    found.push({ nodeId: node.backendDOMNodeId, name: nodeName });
  }
  return found;
}
