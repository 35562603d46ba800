import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { TenovosClient, TransferReceipt } from '@asset-clients/tenovos';

/** Streams the original of an asset into a bucket; nothing is held in memory but the parts that are on their way. */
export async function originalToS3(dam: TenovosClient, id: string, s3: S3Client, bucket: string): Promise<TransferReceipt> {
  const content = await dam.downloadAsset({ id });
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: content.name ?? id, Body: content.stream(), ContentType: content.mediaType },
  });
  await upload.done();
  // Read to its end, the content knows what came: bytes, sha256, whether the length was verified.
  return content.receipt();
}
