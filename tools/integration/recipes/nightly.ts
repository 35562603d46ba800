import { ApiError, type WorldServerClient } from '@asset-clients/worldserver';

/** Fetches what is translated; tells which tasks are not ready yet. */
export async function fetchTargets(tms: WorldServerClient, projectId: string, folder: string): Promise<{ saved: string[]; tomorrow: number[] }> {
  const saved: string[] = [];
  const tomorrow: number[] = [];
  for await (const task of tms.getTasks.all({ projectId })) {
    const resourceId = task.id!;
    try {
      const content = await tms.downloadAsset({ resourceId, assetLocationType: 'TARGET' });
      await content.toDirectory(folder);
      saved.push(content.name ?? String(resourceId));
    } catch (error) {
      if (!ApiError.is(error) || error.kind !== 'not-ready') throw error;
      tomorrow.push(resourceId);
    }
  }
  return { saved, tomorrow };
}
