import type { DeviceSettings } from '../../config/settings.js';
import type { TelemetrySource } from '../../ports/telemetry.js';

export interface Subscriber {
  readonly mapping: DeviceSettings['telemetry'];
  readonly handlers: Parameters<TelemetrySource['follow']>[0];
  /** Retained messages arrive again with every new subscription to a topic; only the first is new. */
  hasReceived: boolean;
}

/** Whether a topic falls under a subscription with `+` and `#`. */
const topicMatches = (filter: string, topic: string): boolean => {
  const parts = topic.split('/');
  const wanted = filter.split('/');
  const hash = wanted.indexOf('#');
  if (hash < 0 && wanted.length !== parts.length) return false;
  if (hash >= 0 && parts.length < hash) return false;
  return wanted.every((part, index) =>
    index >= hash && hash >= 0 ? true : part === '+' || part === parts[index],
  );
};

/** The subscribers of one broker, indexed by topic, since there may be hundreds. */
export class Subscribers {
  private readonly byTopic = new Map<string, Set<Subscriber>>();
  /** Topics with wildcards. */
  private patterns: readonly string[] = [];

  add(subscriber: Subscriber): void {
    const { topic } = subscriber.mapping;
    const known = this.byTopic.get(topic);
    if (known !== undefined) known.add(subscriber);
    else this.byTopic.set(topic, new Set([subscriber]));
    this.findPatterns();
  }

  /** False when others still subscribe to the same topic. */
  remove(subscriber: Subscriber): boolean {
    const { topic } = subscriber.mapping;
    const known = this.byTopic.get(topic);
    known?.delete(subscriber);
    if (known !== undefined && known.size > 0) return false;
    this.byTopic.delete(topic);
    this.findPatterns();
    return true;
  }

  /** The subscribers whose topic or wildcard matches a message's topic. */
  of(topic: string): Subscriber[] {
    const patterns = this.patterns.filter((pattern) => topicMatches(pattern, topic));
    return [topic, ...patterns].flatMap((known) => [...(this.byTopic.get(known) ?? [])]);
  }

  all(): Subscriber[] {
    return [...this.byTopic.values()].flatMap((subscribers) => [...subscribers]);
  }

  topics(): string[] {
    return [...this.byTopic.keys()];
  }

  clear(): void {
    this.byTopic.clear();
    this.findPatterns();
  }

  private findPatterns(): void {
    this.patterns = this.topics().filter((topic) => /[+#]/.test(topic));
  }
}
