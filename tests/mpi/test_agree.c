/* Room par: what one rank sees alone becomes everybody's, with its message and its number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "par/comm.h"

static mst_comm comm;

static void nothing_wrong_is_ok_everywhere(void **state) {
  (void)state;
  mst_error err = {0};
  assert_int_equal(mst_agree(&comm, &err), MASTING_OK);
  assert_int_equal(err.status, MASTING_OK);
}

static void one_rank_fails_and_all_know(void **state) {
  (void)state;
  for (int who = 0; who < comm.size; who++) {
    mst_error err = {0};
    if (comm.rank == who) mst_fail(&err, MASTING_ERR_DATA, "x: rank %d says no", who);
    assert_int_equal(mst_agree(&comm, &err), MASTING_ERR_DATA);
    assert_int_equal(err.rank, who);
    char expected[64];
    snprintf(expected, sizeof expected, "x: rank %d says no", who);
    assert_string_equal(err.message, expected);
  }
}

/* Two fail at once: the lowest rank's error, its status too, is the one that all report. */
static void lowest_rank_wins(void **state) {
  (void)state;
  mst_error err = {0};
  int last = comm.size - 1, first = last > 0 ? last - 1 : last;
  if (comm.rank == last) mst_fail(&err, MASTING_ERR_IO, "later");
  if (comm.rank == first) {
    err = (mst_error){0};
    mst_fail(&err, MASTING_ERR_MODEL, "earlier");
  }
  assert_int_equal(mst_agree(&comm, &err), MASTING_ERR_MODEL);
  assert_string_equal(err.message, "earlier");
  assert_int_equal(err.rank, first);
}

static void broadcast_is_rank_0s(void **state) {
  (void)state;
  mst_error err = {0};
  int64_t numbers[1000];
  for (int i = 0; i < 1000; i++) numbers[i] = comm.rank == 0 ? 3 * i : -1;
  assert_int_equal(mst_bcast(&comm, numbers, (int64_t)sizeof numbers, &err), MASTING_OK);
  for (int i = 0; i < 1000; i++) assert_int_equal(numbers[i], 3 * i);
}

static void an_mpi_failure_names_its_call(void **state) {
  (void)state;
  mst_error err = {0};
  int value = 0;
  int code = MPI_Bcast(&value, 1, MPI_INT, comm.size + 7, comm.mpi);
  assert_int_equal(mst_mpi_check(code, "MPI_Bcast", &err), MASTING_ERR_MPI);
  assert_memory_equal(err.message, "MPI_Bcast: MPI failed: ", 23);
}

int main(void) {
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) {
    mst_error_print(&err);
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_wrong_is_ok_everywhere),
      cmocka_unit_test(one_rank_fails_and_all_know),
      cmocka_unit_test(lowest_rank_wins),
      cmocka_unit_test(broadcast_is_rank_0s),
      cmocka_unit_test(an_mpi_failure_names_its_call),
  };
  int failed = cmocka_run_group_tests_name("agree", tests, NULL, NULL);
  mst_comm_end(&comm);
  return failed;
}
