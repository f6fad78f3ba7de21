import { deviceFindings, needsKube, type ReadDevice } from './device-rules.js';
import { device as deviceSchema, type DeviceInput } from './schema/device-schema.js';
import { credentialFindings, type Secrets, slackFindings } from './environment.js';
import { type Fault, FaultList, type Finding, findingsOf } from './findings.js';
import { completed, isTree } from './schema/merge-defaults.js';
import { document as documentSchema, type DocumentInput } from './schema/document-schema.js';
import { tableLocationFindings } from './table-location.js';
import type { Path, YamlSource } from './yaml-source.js';

/** devices.yaml with its devices completed by the defaults, or everything that is wrong with it. */
export type Checked =
  | { readonly document: DocumentInput; readonly devices: readonly (readonly DeviceInput[])[] }
  | { readonly faults: readonly Fault[] };

const at = (value: unknown, key: string): unknown => (isTree(value) ? value[key] : undefined);

const listAt = (value: unknown, key: string): readonly unknown[] => {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
};

/** A name for people, or the place in the list where there is none. */
const nameAt = (value: unknown, key: string, index: number): string => {
  const name = at(value, key);
  return typeof name === 'string' ? name : `[${index}]`;
};

/** Values of one key that must differ from item to item. */
const duplicates = (items: readonly unknown[], key: string, above: Path): Finding[] => {
  const firstIndex = new Map<unknown, number>();
  return items.flatMap((item, index) => {
    const value = at(item, key);
    const first = firstIndex.get(value);
    if (first === undefined) firstIndex.set(value, index);
    if (first === undefined || value === undefined) return [];
    const list = String(above.at(-1));
    return [{ path: [...above, index, key], message: `must differ from that of ${list}[${first}]` }];
  });
};

const deploymentFindings = (deployment: unknown, path: Path, secrets: Secrets): Finding[] => {
  const mqtt = at(deployment, 'mqtt');
  const devices = listAt(deployment, 'devices');
  return [
    ...duplicates(devices, 'device_id', [...path, 'devices']),
    ...duplicates(devices, 'camera_name', [...path, 'devices']),
    ...credentialFindings(mqtt, secrets, [...path, 'mqtt']),
    ...needsKube(mqtt, isTree(at(deployment, 'kube')), [...path, 'mqtt']),
  ];
};

/** What can be said before defaults are laid under the devices, besides what the schema says. */
const documentFindings = (root: unknown, secrets: Secrets): Finding[] => {
  const deployments = listAt(root, 'deployments');
  return [
    ...slackFindings(at(root, 'slack'), secrets),
    ...duplicates(deployments, 'name', ['deployments']),
    ...deployments.flatMap((deployment, index) =>
      deploymentFindings(deployment, ['deployments', index], secrets),
    ),
  ];
};

const readable = (device: unknown, unreadable: ReadonlySet<string>): ReadDevice => {
  const entries = Object.entries(isTree(device) ? device : {}).filter(
    ([key]) => key in deviceSchema.shape && !unreadable.has(key),
  );
  return deviceSchema.partial().safeParse(Object.fromEntries(entries)).data ?? {};
};

/** A completed device with what is wrong in it, paths counted from the device. */
const checkDevice = (
  device: unknown,
  hasKube: boolean,
  secrets: Secrets,
): { device: DeviceInput | undefined; findings: Finding[] } => {
  const parsed = deviceSchema.safeParse(device);
  const findings = findingsOf(parsed.error);
  const unreadable = new Set(findings.map(({ path }) => String(path[0])));
  return {
    device: parsed.data,
    findings: [
      ...findings,
      ...deviceFindings(parsed.data ?? readable(device, unreadable), unreadable, hasKube),
      ...credentialFindings(at(device, 'onvif'), secrets, ['onvif']),
      ...credentialFindings(at(device, 'rtsp'), secrets, ['rtsp']),
    ],
  };
};

/** Checks one file; faults of the file as it is written come before those of devices completed by defaults. */
class DocumentCheck {
  private readonly faults: FaultList;
  private readonly told = new Set<string>();

  constructor(
    private readonly source: YamlSource,
    file: string,
    private readonly secrets: Secrets,
  ) {
    this.faults = new FaultList(source, file);
  }

  run(): Checked {
    const root = this.source.value;
    const parsed = documentSchema.safeParse(root);
    for (const finding of [
      ...findingsOf(parsed.error),
      ...documentFindings(root, this.secrets),
      ...(parsed.data ? tableLocationFindings(parsed.data) : []),
    ]) {
      this.told.add(finding.path.join('\n'));
      this.faults.add(finding);
    }
    const devices = listAt(root, 'deployments').map((deployment, index) => this.devicesOf(deployment, index));
    const faults = this.faults.all();
    return faults.length === 0 && parsed.data ? { document: parsed.data, devices } : { faults };
  }

  private devicesOf(deployment: unknown, index: number): DeviceInput[] {
    const hasKube = isTree(at(deployment, 'kube'));
    const layers = [at(this.source.value, 'defaults'), at(deployment, 'defaults')];
    return listAt(deployment, 'devices').flatMap((raw, position) => {
      if (!isTree(raw)) return [];
      const { device, findings } = checkDevice(completed(raw, ...layers), hasKube, this.secrets);
      const own = ['deployments', index, 'devices', position];
      const origins = [own, ['deployments', index, 'defaults'], ['defaults']];
      const name = `${nameAt(deployment, 'name', index)}/${nameAt(raw, 'device_id', position)}`;
      for (const finding of findings) this.tell(finding, origins, name);
      return device === undefined ? [] : [device];
    });
  }

  /**
   * Tells a fault of a device where its value was written, in the device or in the defaults; of what is missing, where the
   * section that misses it was.
   */
  private tell(finding: Finding, origins: readonly Path[], name: string): void {
    const [nearest] = origins
      .map((origin) => ({ origin, below: this.source.depthOf([...origin, ...finding.path]) - origin.length }))
      .sort((a, b) => b.below - a.below);
    const path = [...(nearest?.origin ?? []), ...finding.path];
    if (!this.told.has(path.join('\n'))) this.faults.add({ ...finding, path }, name);
  }
}

export const checkDocument = (source: YamlSource, file: string, secrets: Secrets): Checked =>
  new DocumentCheck(source, file, secrets).run();
