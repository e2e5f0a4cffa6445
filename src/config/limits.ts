/**
 * Every bound of StreamForge, with its unit in the name and its reason beside it. A layer gets the ones it needs as
 * arguments, from `main/`; what people tune by environment is in `variables.ts`.
 */
export const LIMITS = {
  /** What fits into S3's key-free metadata and every file system; names are data, so this is about people. */
  fileNameCharsMax: 255,
  /** S3's largest single PUT. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
  uploadBytesMax: 5 * 1024 ** 3,
  /** Opaque to us, copied with every row and every read. */
  clientMetadataBytesMax: 2048,
  /** A JSON body: three names, 2 KiB of metadata and room to spare. */
  requestBodyBytesMax: 16 * 1024,
  /** Long enough for 5 GiB at 12 Mbit/s, and S3 checks it at the start of the PUT only. */
  uploadUrlExpirySeconds: 3600,
  /** S3's events usually come within seconds, "can sometimes take a minute or longer". Grace for the late ones. */
  uploadGraceSeconds: 3600,
  /** An API request that takes longer is a client that left or an attack. */
  apiRequestTimeoutMs: 30_000,

  /** A loopback or same-region handshake is milliseconds; a black hole is for ever. */
  awsConnectTimeoutMs: 1000,
  /** Every call but a long poll or a body: same-region p99 is tens of milliseconds. */
  awsRequestTimeoutMs: 3000,
  /** On top of the long poll's own wait. */
  awsReceiveSlackMs: 5000,
  /** S3 may assemble a large upload for minutes, keeping the connection open with spaces. */
  awsCompleteMultipartTimeoutMs: 15 * 60_000,
  /** A body that brings nothing for this long is dead. */
  awsBodyIdleTimeoutMs: 10_000,
  /** API calls are made twice by the SDK; the worker's once, because its retry operator is the one retrying layer. */
  awsCallsMaxApi: 2,

  /** Per service: every slot may read a body while every consumer polls. */
  awsSocketsMax: 512,
  /** Faults of a service in a row before it is called no more: a bad minute of one connection is less. */
  circuitFailuresMax: 5,
  /** Less than the first wait before another try (100 ms at the mean), more than idle connections that fail together. */
  circuitFailuresSpreadMs: 50,
  /** Before the first call that tries whether it is back: a restart takes longer, a dropped connection does not. */
  circuitTrialAfterMs: 1000,
  /** The longest wait for that: it is added to every outage, and is a trial every 30 s to who is down. */
  circuitTrialAfterMsMax: 30_000,

  /** Of `/readyz`: an orchestrator asks every few seconds. */
  readinessTimeoutMs: 1000,
  /** Between polls of a queue that does not answer: under 5 calls a second from the first second on. */
  pollBackoffBaseMs: 200,
  pollBackoffCapMs: 20_000,

  /** SQS's longest poll, and so the fewest empty receives. Source: SQS ReceiveMessage, WaitTimeSeconds. */
  queueWaitSeconds: 20,
  /** On the embedded cloud a poll costs nothing, and a short one lets Ctrl-C end soon. */
  queueWaitSecondsEmbedded: 1,
  /** SQS's largest batch, for every batch call. Source: SQS quotas. */
  queueBatchMessagesMax: 10,
  /** How long a received message stays hidden; renewed while the work goes on. */
  queueVisibilitySeconds: 60,
  /** A high backstop behind the row's `attempts`, which is the real budget. */
  queueReceivesMax: 100,
  /** Dead letters one look takes into its hands: enough for people to read, and a second look sees the rest. */
  deadLettersMax: 1000,
  /** One such look, and what is done about it: a thousand letters, each a few calls. Who dies hides them for so long. */
  deadLetterVisibilitySeconds: 300,
  /** From 1 on SQS asks all its servers, so that an empty answer can be believed. */
  deadLetterWaitSeconds: 1,
  /** Letters that are redriven at once. */
  deadLetterConcurrency: 8,
  /** Consumers that share the credits: `ceil(rate · round trip / 10)` of them keep 256 slots busy, at up to 60 ms. */
  queueConsumersMax: 16,
  /** An ask with room for less than a batch waits so long for more: two round trips of 20 ms, SQS's own example. */
  pollHoldMs: 40,
  /** The longest a prefetched message waits for a slot while the rate lasts: far below a quarter of its visibility. */
  prefetchWaitMsMax: 1000,
  /** Over about this time the rate, by which messages are prefetched, forgets what was. */
  prefetchMemoryMs: 1000,
  /** Between two looks at that rate: enough messages for a number, and soon enough to follow them. */
  prefetchEveryMs: 100,
  /** What `WORKER_CONCURRENCY=auto` begins with, within its bounds: the number that is the default otherwise. */
  concurrencyInitial: 16,
  /** Whether all slots are busy is seen by looking, ten times in a window of a second: then there is enough to conclude from. */
  concurrencyLookMs: 100,
  concurrencyWindowLooks: 10,
  /** After a cut, what is heard for a window is of calls made before; two calm ones more, and it may grow again. */
  concurrencySettleWindows: 1,
  concurrencyHoldWindows: 2,
  /** The longest a finished message waits for others to be deleted with. Under load a batch is full long before. */
  settleLingerMs: 2000,
  /** The longest a message waits for others to be given back or renewed with: somebody waits for those. */
  visibilityLingerMs: 200,
  /** The longest an event waits for others to be published with. */
  publishLingerMs: 50,

  /** How long a claim is good for without a sign of life. Visibility >= lease >= 2 heartbeats. */
  leaseMs: 45_000,
  /** Below a third of the lease, so that two may get lost. */
  heartbeatMs: 12_000,
  /** The lock outlives no lease. */
  lockTtlMs: 45_000,
  /** In the row; counts crashes of the whole process too. */
  attemptsMax: 5,
  /** Calls per stage and claim, the first one included: the one retrying layer. */
  stageCallsMax: 3,
  stageBackoffBaseMs: 200,
  stageBackoffCapMs: 2000,
  /** Before a message that is `retry` or `busy` is seen again: doubling with full jitter, up to the cap. */
  retryDelayBaseSeconds: 2,
  retryDelayCapSeconds: 900,
  /** Of the slots, what is kept from heavy work (video) at most while messages in hand wait: light ones may be among them. */
  lightShare: 0.25,
  /** SQS keeps a message hidden for 12 h from its receive, and no longer; less a margin to write down that it ended. */
  messageHoldMsMax: 12 * 60 * 60_000 - 10 * 60_000,
  /** Fencing tokens after which no attempt is given back: a claim and its release take two, so about 50 outages. */
  refundTokensMax: 100,
  /** Between two looks whether a dependency that is out may be asked again. */
  outageLookMs: 1000,
  /** Of an analysis, from its begin to its result; waiting for a place among heavy work is not counted. */
  jobDeadlineMs: 15 * 60_000,
  /** When an event that could not be published is due again. */
  outboxDueMs: 30_000,
  /** How often a worker looks for what the events lost; an empty look is one query a shard. */
  sweepEveryMs: 15_000,
  /** Rows of one shard at once; there are more looks. */
  sweepKeysMax: 100,
  sweepConcurrency: 8,
  /** A command that was sent has this long to be worked on before it is sent again. */
  sweepDeferMs: 5 * 60_000,
  /** And, where the asset is found as before again and again, up to this: the queue may be that long. */
  sweepDeferMsMax: 60 * 60_000,
  /** Before the platform's grace (30 s on most) ends. */
  drainMs: 25_000,
  /** On top of that, or in place of it when told twice: one write and one batch call, which take milliseconds. */
  abandonMs: 3000,
  /** Between tries to reach AWS at start: whoever waits for it to come up sees soon that it did. */
  startRetryCapMs: 5000,

  /** An engine's own work on one file; several times that, where the machine is busy, is below the job's deadline. */
  probeTimeoutMs: 10_000,
  /** What a second engine may take to add to what the first one found: honest files take a twentieth. */
  probeAdditionTimeoutMs: 2000,
  /** A 10 h MP4 index is about 30 MB; over it something is wrong. */
  probeBytesMax: 64 * 1024 ** 2,
  probeRequestsMax: 200,
  /** What the last-resort engine may copy to a local file. */
  probeCopyBytesMax: 512 * 1024 ** 2,
  /** Address space of a jailed ffprobe; real files take below 100 MB. */
  probeMemoryBytesMax: 512 * 1024 ** 2,
  /** Threads that read files; each holds one, and more files wait. Reading is short: waiting for S3 is most of it. */
  probeThreadsMax: 8,
  /** Heap of such a thread: the index of a 10 h video, as objects, and room to spare. */
  probeHeapBytesMax: 256 * 1024 ** 2,
  /** Garbage of such a thread: a file leaves a few MB, and V8 left alone lets 48 MB of it pile up in each thread and keeps them. */
  probeYoungHeapBytesMax: 8 * 1024 ** 2,
  /** The allow-listed fields of 1 000 streams. */
  probeOutputBytesMax: 4 * 1024 ** 2,
  /** imgproxy's default, and 200 MB of RGBA. */
  imagePixelsMax: 50_000_000,
  imageBytesMax: 64 * 1024 ** 2,
  /** libvips over all pixels of one image, once: 50 megapixels take a second or two. */
  imageReadSecondsMax: 10,

  /** Derivatives of one asset that are made at once: one reads the disk while another computes. */
  derivativesAtOnce: 2,
  /** A larger video is copied by its key frames: 100 of them take about 20 MB, and a request each. */
  derivativeWholeBytesMax: 64 * 1024 ** 2,
  /** Gathering those: an index of some megabytes and a hundred reads. */
  excerptTimeoutMs: 60_000,
  /** What derivatives may copy to a local file; times the slots, it has to fit on the disk. */
  derivativeCopyBytesMax: 1024 ** 3,
  /** One run of ffmpeg: 10 h of sound are decoded in less, on one processor. Far below the job's deadline. */
  derivativeTimeoutMs: 120_000,
  /** Address space of a jailed ffmpeg: 4K takes half of it, with its libraries. */
  derivativeMemoryBytesMax: 1024 ** 3,
  /** A picture that ffmpeg hands out: a JPEG of 1 280 pixels takes a tenth of it. */
  derivativePictureBytesMax: 8 * 1024 ** 2,
  /** A poster or a cover, wide and high at most: what a player on a page shows. */
  posterPixelsMax: 1280,
  /** libvips over one picture that is made of an image, at most: as above, and writing one of any width. */
  imageDerivativeSecondsMax: 20,

  /** A Redis command that takes longer is a Redis that is down. */
  redisCommandTimeoutMs: 300,
  /** A lock attempt is a script and, when it fails, an unlock. */
  redisLockTimeoutMs: 600,
  /** A client waits for the cache, and then for the row: an answer that takes longer is a miss. A good one takes 1 ms. */
  redisCacheTimeoutMs: 100,
  redisConnectTimeoutMs: 1000,
  redisReconnectBaseMs: 100,
  redisReconnectCapMs: 2000,
  /** Locks and cached rows in the process: about 50 MB of rows at most. */
  memoryEntriesMax: 10_000,
  /** How stale a status may be while it still changes. */
  cacheTtlMs: 2000,
  /** Finished rows change seldom, and a newer `rev` replaces them. */
  cacheTtlFinishedMs: 60_000,
} as const;
