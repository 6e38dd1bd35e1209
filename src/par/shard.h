/* par/shard.h -- which rows a rank owns, and the blocks they are cut into.
 *
 * Rows are cut into blocks whose borders depend on N alone: law "the same seed gives
 * bit-identical draws for any number of ranks and threads". A rank owns a contiguous range of
 * whole blocks (none, when there are fewer blocks than ranks); a thread takes a contiguous range
 * of those. Local and global row numbers have distinct types so that the compiler tells them
 * apart. Not collective.
 */
#ifndef MST_PAR_SHARD_H
#define MST_PAR_SHARD_H

#include <stdint.h>

typedef struct mst_grow { /* a global row number, 0 .. N-1 */
  int64_t v;
} mst_grow;
typedef struct mst_lrow { /* a row number of this rank, 0 .. rows-1 */
  int64_t v;
} mst_lrow;

typedef struct mst_shard {
  int64_t n;      /* rows in all */
  int block_rows; /* rows a block, the last may have fewer */
  int64_t blocks; /* blocks in all */
  int64_t first_block, my_blocks;
  mst_grow first_row; /* of this rank */
  int64_t rows;       /* of this rank */
} mst_shard;

/* Rows a block for n rows: 256 up to 32768 rows, so that few rows still feed many threads, then
 * 1024, where the cost of exact sums no longer shows. Never anything but n decides. */
int mst_block_rows(int64_t n);

mst_shard mst_shard_make(int64_t n, int rank, int ranks);

static inline mst_grow mst_to_global(const mst_shard *s, mst_lrow r) {
  return (mst_grow){s->first_row.v + r.v};
}

/* Local blocks of a thread: [*begin, *end). */
void mst_shard_thread(const mst_shard *s, int thread, int threads, int64_t *begin, int64_t *end);

/* First local row and number of rows of local block b. */
static inline mst_lrow mst_block_first(const mst_shard *s, int64_t b) {
  return (mst_lrow){b * s->block_rows};
}
static inline int mst_block_count(const mst_shard *s, int64_t b) {
  int64_t left = s->rows - b * s->block_rows;
  return left < s->block_rows ? (int)left : s->block_rows;
}

#endif
