/* Room base: errors, nearest names, whole files, memory, random numbers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/rng.h"

/* The status of a process is part of the interface: scripts of users branch on it. */
static void exit_statuses_are_the_promised_ones(void **state) {
  (void)state;
  assert_int_equal(masting_exit_status(MASTING_OK), 0);
  assert_int_equal(masting_exit_status(MASTING_ERR_USAGE), 2);
  assert_int_equal(masting_exit_status(MASTING_ERR_DATA), 65);
  assert_int_equal(masting_exit_status(MASTING_ERR_BUG), 70);
  assert_int_equal(masting_exit_status(MASTING_ERR_IO), 74);
  assert_int_equal(masting_exit_status(MASTING_ERR_AGAIN), 75);
  assert_string_equal(masting_status_text(MASTING_ERR_AGAIN),
                      "stopped with a checkpoint; submit again");
}

static void first_error_is_kept(void **state) {
  (void)state;
  mst_error err = {0};
  assert_int_equal(mst_fail(&err, MASTING_ERR_DATA, "x: %d", 1), MASTING_ERR_DATA);
  assert_int_equal(mst_fail(&err, MASTING_ERR_IO, "y: %d", 2), MASTING_ERR_DATA);
  assert_string_equal(err.message, "x: 1");
}

static void nearest_name_is_a_likely_slip(void **state) {
  (void)state;
  const char *const names[] = {"sample", "simulate", "summary", "scaling", NULL};
  assert_string_equal(mst_nearest("smaple", names), "sample");
  assert_string_equal(mst_nearest("sumary", names), "summary");
  assert_null(mst_nearest("frobnicate", names));
  char longer[200];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  assert_null(mst_nearest(longer, names));
}

/* Lengths around those at which the buffer grows; more than is allowed; what is no file. */
static void a_file_is_read_whole_or_errno_says_why(void **state) {
  (void)state;
  char path[] = "test_base-XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  size_t bytes = 1;
  char *text = mst_file_read(path, 0, &bytes);
  assert_non_null(text);
  assert_true(bytes == 0 && text[0] == '\0');
  free(text);
  char row[1000];
  memset(row, 'a', sizeof row);
  for (size_t length = sizeof row; length <= 70 * sizeof row; length += sizeof row) {
    assert_int_equal(write(fd, row, sizeof row), sizeof row);
    text = mst_file_read(path, length, &bytes);
    assert_non_null(text);
    assert_true(bytes == length && strlen(text) == length);
    free(text);
    assert_null(mst_file_read(path, length - 1, &bytes));
    assert_int_equal(errno, EFBIG);
  }
  close(fd);
  unlink(path);
  assert_null(mst_file_read(path, 0, NULL));
  assert_int_equal(errno, ENOENT);
  assert_null(mst_file_read(".", 0, NULL));
  assert_int_equal(errno, EISDIR);
}

static void memory_is_aligned_and_zero(void **state) {
  (void)state;
  mst_error err = {0};
  for (size_t bytes = 0; bytes < 5000; bytes += 777) {
    unsigned char *p = NULL;
    assert_int_equal(mst_alloc((void **)&p, bytes, 1, "p", &err), MASTING_OK);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 64, 0);
    for (size_t i = 0; i < bytes; i++) assert_int_equal(p[i], 0);
    memset(p, 0xff, bytes);
    mst_free(&p);
    assert_null(p);
    mst_free(&p);
  }
}

static void too_much_memory_is_refused_with_the_array(void **state) {
  (void)state;
  mst_error err = {0};
  void *p = &err;
  assert_int_equal(mst_alloc(&p, SIZE_MAX / 4, 8, "draws", &err), MASTING_ERR_MEMORY);
  assert_null(p);
  assert_int_equal(strncmp(err.message, "draws: cannot allocate", 22), 0);
}

/* Threefry-4x64-20 of Random123 1.14's known answers (kat_vectors), through our addressing: key
 * (seed, chain, 0, 0) and counter (index, epoch, use, 0) of all zeros. */
static void random_words_are_threefry(void **state) {
  (void)state;
  threefry4x64_ctr_t w = mst_rng_words(0, 0, 0, (mst_use)0, 0);
  assert_int_equal(w.v[0], UINT64_C(0x09218EBDE6C85537));
  assert_int_equal(w.v[1], UINT64_C(0x55941F5266D86105));
  assert_int_equal(w.v[2], UINT64_C(0x4BD25E16282434DC));
  assert_int_equal(w.v[3], UINT64_C(0xEE29EC846BD2E40B));
}

static void uniforms_stay_inside_and_have_their_moments(void **state) {
  (void)state;
  assert_true(mst_uniform_from(0) > 0.0);
  assert_true(mst_uniform_from(UINT64_MAX) < 1.0);
  const int n = 100000;
  double sum = 0, square = 0;
  for (int i = 0; i < n; i++) {
    double u = mst_uniform(7, 1, 2, MST_USE_INIT, (uint64_t)i);
    sum += u;
    square += u * u;
  }
  /* sd of the mean is 0.289/sqrt(n), of the mean square 0.298/sqrt(n): four of each */
  assert_true(sum / n > 0.5 - 0.0037 && sum / n < 0.5 + 0.0037);
  assert_true(square / n > 1.0 / 3 - 0.0038 && square / n < 1.0 / 3 + 0.0038);
}

static void every_part_of_an_address_counts(void **state) {
  (void)state;
  uint64_t at[6] = {
      mst_rng_words(1, 2, 3, MST_USE_TREE, 4).v[0], mst_rng_words(9, 2, 3, MST_USE_TREE, 4).v[0],
      mst_rng_words(1, 9, 3, MST_USE_TREE, 4).v[0], mst_rng_words(1, 2, 9, MST_USE_TREE, 4).v[0],
      mst_rng_words(1, 2, 3, MST_USE_INIT, 4).v[0], mst_rng_words(1, 2, 3, MST_USE_TREE, 9).v[0]};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < i; j++) assert_true(at[i] != at[j]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exit_statuses_are_the_promised_ones),
      cmocka_unit_test(first_error_is_kept),
      cmocka_unit_test(nearest_name_is_a_likely_slip),
      cmocka_unit_test(a_file_is_read_whole_or_errno_says_why),
      cmocka_unit_test(memory_is_aligned_and_zero),
      cmocka_unit_test(too_much_memory_is_refused_with_the_array),
      cmocka_unit_test(random_words_are_threefry),
      cmocka_unit_test(uniforms_stay_inside_and_have_their_moments),
      cmocka_unit_test(every_part_of_an_address_counts),
  };
  return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
