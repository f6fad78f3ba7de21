import type { DeviceSettings } from '../../config/settings.js';
import type { TelemetrySource } from '../../ports/telemetry.js';

export interface Follower {
  readonly mapping: DeviceSettings['telemetry'];
  readonly handlers: Parameters<TelemetrySource['follow']>[0];
  /** Kept messages come again with every new subscription to a topic; only the first is news. */
  hasHeard: boolean;
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

/** Who follows what at one broker; found by topic without asking everybody, since there may be hundreds. */
export class Followers {
  private readonly byTopic = new Map<string, Set<Follower>>();
  /** Those of the topics that stand for several. */
  private patterns: readonly string[] = [];

  add(follower: Follower): void {
    const { topic } = follower.mapping;
    const known = this.byTopic.get(topic);
    if (known !== undefined) known.add(follower);
    else this.byTopic.set(topic, new Set([follower]));
    this.findPatterns();
  }

  /** False when others still follow the same topic. */
  remove(follower: Follower): boolean {
    const { topic } = follower.mapping;
    const known = this.byTopic.get(topic);
    known?.delete(follower);
    if (known !== undefined && known.size > 0) return false;
    this.byTopic.delete(topic);
    this.findPatterns();
    return true;
  }

  /** Those whose topic, or pattern of topics, a message came on. */
  of(topic: string): Follower[] {
    const patterns = this.patterns.filter((pattern) => topicMatches(pattern, topic));
    return [topic, ...patterns].flatMap((known) => [...(this.byTopic.get(known) ?? [])]);
  }

  all(): Follower[] {
    return [...this.byTopic.values()].flatMap((followers) => [...followers]);
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
