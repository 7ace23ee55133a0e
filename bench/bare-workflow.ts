// The yardstick: start -> one activity -> complete, and nothing of ours.
import { proxyActivities } from '@temporalio/workflow';

const { answer } = proxyActivities<{ answer(): Promise<string> }>({ startToCloseTimeout: '10 seconds' });

export const bare = (): Promise<string> => answer();
