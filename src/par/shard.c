/* par/shard.c -- see shard.h. */
#include "par/shard.h"

int mst_block_rows(int64_t n) { return n <= 32768 ? 256 : 1024; }

/* Even split of `count` things: the first count % parts parts have one more. */
static void split(int64_t count, int part, int parts, int64_t *begin, int64_t *end) {
  int64_t each = count / parts, more = count % parts;
  *begin = part * each + (part < more ? part : more);
  *end = *begin + each + (part < more);
}

mst_shard mst_shard_make(int64_t n, int rank, int ranks) {
  mst_shard s = {.n = n, .block_rows = mst_block_rows(n)};
  s.blocks = (n + s.block_rows - 1) / s.block_rows;
  int64_t end;
  split(s.blocks, rank, ranks, &s.first_block, &end);
  s.my_blocks = end - s.first_block;
  s.first_row.v = s.first_block * s.block_rows;
  if (s.first_row.v > n) s.first_row.v = n;
  int64_t last = end * s.block_rows;
  s.rows = (last < n ? last : n) - s.first_row.v;
  return s;
}

void mst_shard_thread(const mst_shard *s, int thread, int threads, int64_t *begin, int64_t *end) {
  split(s->my_blocks, thread, threads, begin, end);
}
