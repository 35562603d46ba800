/** Calls one operation many times, one after another and 32 at once; prints microseconds a call. `node calls-child.ts module url expected` */

const [file = '', baseUrl = '', expected = ''] = process.argv.slice(2);
const { connect } = (await import(file)) as { connect: (baseUrl: string) => () => Promise<unknown> };
const call = connect(baseUrl);

async function measure(calls: number, width: number): Promise<{ cpu: number; wall: number }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let left = calls;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left > 0) {
        left -= 1;
        await call();
      }
    }),
  );
  const used = process.cpuUsage(cpu);
  return { cpu: (used.user + used.system) / calls, wall: ((performance.now() - start) * 1000) / calls };
}

if (!JSON.stringify(await call()).includes(expected)) throw new Error('the answer is another one than expected');
await measure(600, 1);
const one = await measure(2500, 1);
await measure(600, 32);
const many = await measure(5000, 32);
process.stdout.write(JSON.stringify({ one, many }));
process.exit();
