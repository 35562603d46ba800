import type { WorldServerClient } from '@asset-clients/worldserver';

/** The ids of a project's tasks: GET /v2/projects/{id} has no method here. */
export async function taskIds(tms: WorldServerClient, projectId: number): Promise<number[]> {
  const { tasks = [] } = await tms.request<{ tasks?: { id: number }[] }>(`GET /v2/projects/${projectId}`, { query: { fields: 'tasks(id)' } });
  return tasks.map(({ id }) => id);
}
