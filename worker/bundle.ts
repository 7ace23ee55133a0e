import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const xstate = join(dirname(createRequire(import.meta.url).resolve('xstate/package.json')), 'dist/xstate.esm.js');

/** The workflows as one file; the production build of XState, since the bundler would take the development one. */
export const bundleWorkflows = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => {
      const alias = config.resolve?.alias ?? {};
      if (Array.isArray(alias)) throw new Error('the SDK hands its aliases over as a list now: add xstate$ to it');
      return { ...config, resolve: { ...config.resolve, alias: { ...alias, xstate$: xstate } } };
    },
  });
