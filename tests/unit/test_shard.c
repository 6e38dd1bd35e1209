/* Room par: rows over ranks in whole blocks, blocks over threads. Laws, for awkward numbers of
 * each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "par/shard.h"

static const int64_t sizes[] = {0,     1,     2,     255,   256,     257,         5000,
                                32767, 32768, 32769, 53940, 1000003, 5000000001LL};
static const int ranks_tried[] = {1, 2, 3, 5, 7, 64, 1000};
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Every row has one owner, ranks own contiguous ranges in order, and nobody has two blocks more. */
static void ranks_cover_the_rows_once(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(sizes); i++)
    for (size_t j = 0; j < COUNT(ranks_tried); j++) {
      int64_t next = 0, least = INT64_MAX, most = 0;
      for (int rank = 0; rank < ranks_tried[j]; rank++) {
        mst_shard s = mst_shard_make(sizes[i], rank, ranks_tried[j]);
        assert_int_equal(s.n, sizes[i]);
        assert_int_equal(s.first_row.v, next);
        assert_true(s.rows >= 0);
        next += s.rows;
        if (s.my_blocks < least) least = s.my_blocks;
        if (s.my_blocks > most) most = s.my_blocks;
      }
      assert_int_equal(next, sizes[i]);
      assert_true(most - least <= 1);
    }
}

/* Law: block borders depend on N alone. So a rank's blocks begin at multiples of the block size,
 * and only the last block of all is short. */
static void borders_depend_on_n_alone(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(sizes); i++)
    for (size_t j = 0; j < COUNT(ranks_tried); j++)
      for (int rank = 0; rank < ranks_tried[j]; rank++) {
        mst_shard s = mst_shard_make(sizes[i], rank, ranks_tried[j]);
        assert_int_equal(s.block_rows, mst_block_rows(sizes[i]));
        if (!s.my_blocks) continue;
        assert_int_equal(s.first_row.v, s.first_block * s.block_rows);
        int64_t last = s.my_blocks - 1;
        int in_last = mst_block_count(&s, last);
        assert_true(in_last > 0 && in_last <= s.block_rows);
        if (s.first_block + s.my_blocks < s.blocks) assert_int_equal(in_last, s.block_rows);
        assert_int_equal(mst_block_first(&s, last).v + in_last, s.rows);
        assert_int_equal(mst_to_global(&s, mst_block_first(&s, last)).v,
                         (s.first_block + last) * s.block_rows);
      }
}

static void threads_cover_the_blocks_once(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(sizes); i++)
    for (int threads = 1; threads < 9; threads++) {
      mst_shard s = mst_shard_make(sizes[i], 1, 3);
      int64_t next = 0;
      for (int t = 0; t < threads; t++) {
        int64_t begin, end;
        mst_shard_thread(&s, t, threads, &begin, &end);
        assert_int_equal(begin, next);
        assert_true(end >= begin);
        next = end;
      }
      assert_int_equal(next, s.my_blocks);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_cover_the_rows_once),
      cmocka_unit_test(borders_depend_on_n_alone),
      cmocka_unit_test(threads_cover_the_blocks_once),
  };
  return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
