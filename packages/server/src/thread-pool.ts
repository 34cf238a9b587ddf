/**
 * File operations wait in libuv's threads, four by default: four uploads that sync would leave none for a read. Imported
 * first, since the pool has its size from its first use on. https://docs.libuv.org/en/v1.x/threadpool.html
 */
process.env.UV_THREADPOOL_SIZE ??= '16'
