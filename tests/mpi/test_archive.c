/* Room par: the container of a checkpoint. What some ranks write others read, on any number of
 * ranks; every flipped bit and every missing end is found; a whole file always stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "par/archive.h"
#include "par/comm.h"

enum { ROWS = 1500, WIDTH = 3, TILES = 5, TILE = 700 };
static mst_comm comm;
static char path[64];

typedef struct state {
  int count;
  double real, whole[17], *rows;
  char *text;
  double tile[TILES][TILE]; /* of this rank: those that are rank's */
} state;

static int owner(const mst_comm *c, int tile) { return (tile + 1) % c->size; }

/* One function for both ways. */
static void visit(mst_archive *a, const mst_comm *c, state *s) {
  const mst_shard shard = mst_shard_make(ROWS, c->rank, c->size);
  mst_fields *f = mst_archive_fields(a, "scalars");
  mst_field_int(f, &s->count);
  mst_field_real(f, &s->real);
  mst_field_text(f, &s->text);
  mst_archive_fields_end(a, "scalars");
  mst_archive_whole(a, "whole", s->whole, sizeof s->whole);
  mst_archive_rows(a, "rows", &shard, WIDTH * 8, s->rows);
  mst_archive_units(a, "tiles", sizeof s->tile, sizeof *s->tile);
  for (int i = 0; i < TILES; i++)
    if (owner(c, i) == c->rank) mst_archive_unit(a, i, s->tile[i]);
  mst_archive_agree(a);
}

static double row_value(int64_t row, int k) { return (double)row * 1.25 + k * 1e-3; }

static void make(state *s, const mst_comm *c, int count) {
  const mst_shard shard = mst_shard_make(ROWS, c->rank, c->size);
  *s = (state){.count = count, .real = 0.1 * count, .text = strdup("text")};
  s->rows = calloc((size_t)(shard.rows * WIDTH) + 1, sizeof *s->rows);
  assert_non_null(s->rows);
}

static void fill(state *s, const mst_comm *c) {
  const mst_shard shard = mst_shard_make(ROWS, c->rank, c->size);
  for (int i = 0; i < 17; i++) s->whole[i] = i * 0.3;
  for (int64_t r = 0; r < shard.rows; r++)
    for (int k = 0; k < WIDTH; k++) s->rows[r * WIDTH + k] = row_value(shard.first_row.v + r, k);
  for (int t = 0; t < TILES; t++)
    for (int i = 0; i < TILE; i++) s->tile[t][i] = t + i * 1e-4;
}

static void check(const state *s, const mst_comm *c, int count) {
  const mst_shard shard = mst_shard_make(ROWS, c->rank, c->size);
  assert_int_equal(s->count, count);
  assert_true(s->real == 0.1 * count);
  assert_string_equal(s->text, "text");
  for (int i = 0; i < 17; i++) assert_true(s->whole[i] == i * 0.3);
  for (int64_t r = 0; r < shard.rows; r++)
    for (int k = 0; k < WIDTH; k++)
      assert_true(s->rows[r * WIDTH + k] == row_value(shard.first_row.v + r, k));
  for (int t = 0; t < TILES; t++)
    for (int i = 0; i < TILE && owner(c, t) == c->rank; i++)
      assert_true(s->tile[t][i] == t + i * 1e-4);
}

static void drop(state *s) {
  free(s->rows);
  free(s->text);
}

static masting_status write_one(const mst_comm *c, int count, mst_error *err) {
  state s;
  mst_archive *a;
  make(&s, c, count);
  fill(&s, c);
  if (mst_archive_create(&a, c, path, err) == MASTING_OK) {
    visit(a, c, &s);
    mst_archive_end(&a, err);
  }
  drop(&s);
  return err->status;
}

static masting_status read_one(const mst_comm *c, const char *from, int count, mst_error *err) {
  state s = {0};
  mst_archive *a;
  if (mst_archive_open(&a, c, from, err) != MASTING_OK) return err->status;
  make(&s, c, 0);
  free(s.text);
  visit(a, c, &s);
  if (mst_archive_end(&a, err) == MASTING_OK) check(&s, c, count);
  drop(&s);
  return err->status;
}

/* The first `ranks` ranks as a communicator of their own; false on the others. */
static bool first_ranks(int ranks, mst_comm *some) {
  *some = comm;
  MPI_Comm_split(comm.mpi, comm.rank < ranks ? 0 : MPI_UNDEFINED, comm.rank, &some->mpi);
  if (some->mpi == MPI_COMM_NULL) return false;
  MPI_Comm_size(some->mpi, &some->size);
  return true;
}

static void test_other_ranks(void **unused) {
  (void)unused;
  for (int writers = 1; writers <= comm.size; writers++)
    for (int readers = 1; readers <= comm.size; readers++) {
      mst_comm some;
      mst_error err = {0};
      if (first_ranks(writers, &some)) {
        assert_int_equal(write_one(&some, 10 * writers + readers, &err), MASTING_OK);
        MPI_Comm_free(&some.mpi);
      }
      MPI_Barrier(comm.mpi);
      if (first_ranks(readers, &some)) {
        assert_int_equal(read_one(&some, path, 10 * writers + readers, &err), MASTING_OK);
        MPI_Comm_free(&some.mpi);
      }
      MPI_Barrier(comm.mpi);
    }
}

static void test_the_one_before(void **unused) {
  char before[80];
  mst_error err = {0};
  (void)unused;
  snprintf(before, sizeof before, "%s.before", path);
  assert_int_equal(write_one(&comm, 1, &err), MASTING_OK);
  assert_int_equal(write_one(&comm, 2, &err), MASTING_OK);
  assert_int_equal(read_one(&comm, path, 2, &err), MASTING_OK);
  assert_int_equal(read_one(&comm, before, 1, &err), MASTING_OK);
}

/* One byte changed: an error, or numbers that are as they were (it was between the pieces). */
static void flip(int64_t at, int bit) {
  if (comm.rank == 0) {
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, (long)at, SEEK_SET);
    const int c = fgetc(f) ^ 1 << bit;
    fseek(f, (long)at, SEEK_SET);
    fputc(c, f);
    fclose(f);
  }
  MPI_Barrier(comm.mpi);
}

static int64_t size_of_file(void) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  fseek(f, 0, SEEK_END);
  const int64_t n = ftell(f);
  fclose(f);
  return n;
}

static void test_flipped_bits(void **unused) {
  int found = 0, tried = 0;
  mst_error none = {0};
  (void)unused;
  assert_int_equal(write_one(&comm, 3, &none), MASTING_OK);
  const int64_t n = size_of_file();
  for (int64_t at = 0; at < n; at += at < 400 || at > n - 400 ? 1 : 97, tried++) {
    mst_error err = {0};
    flip(at, (int)(at % 8));
    found += read_one(&comm, path, 3, &err) == MASTING_ERR_FORMAT;
    assert_true(err.status == MASTING_OK || err.status == MASTING_ERR_FORMAT);
    flip(at, (int)(at % 8));
  }
  assert_true(found > tried * 95 / 100);
  assert_int_equal(read_one(&comm, path, 3, &none), MASTING_OK);
}

static void test_missing_ends(void **unused) {
  mst_error none = {0};
  (void)unused;
  assert_int_equal(write_one(&comm, 4, &none), MASTING_OK);
  const int64_t n = size_of_file();
  for (int64_t left = n - 1; left >= 0; left -= left > 300 ? n / 20 : 1) {
    mst_error err = {0};
    MPI_Barrier(comm.mpi);
    if (comm.rank == 0) assert_int_equal(truncate(path, left), 0);
    MPI_Barrier(comm.mpi);
    assert_int_equal(read_one(&comm, path, 4, &err), MASTING_ERR_FORMAT);
  }
}

static void test_nothing_there(void **unused) {
  mst_error err = {0};
  mst_archive *a;
  (void)unused;
  assert_int_equal(mst_archive_open(&a, &comm, "nowhere/x", &err), MASTING_ERR_NOFILE);
  assert_null(a);
  err = (mst_error){0};
  assert_int_equal(mst_archive_create(&a, &comm, "nowhere/x", &err), MASTING_ERR_NOFILE);
  assert_null(a);
}

static void test_another_visit(void **unused) {
  mst_error err = {0};
  mst_archive *a;
  double x[3] = {0};
  int number;
  (void)unused;
  assert_int_equal(write_one(&comm, 5, &err), MASTING_OK);
  assert_int_equal(mst_archive_open(&a, &comm, path, &err), MASTING_OK);
  mst_field_int(mst_archive_fields(a, "scalars"), &number);
  mst_archive_fields_end(a, "scalars"); /* there is more in it */
  mst_archive_whole(a, "other", x, sizeof x);
  assert_int_equal(mst_archive_end(&a, &err), MASTING_ERR_FORMAT);
}

static void test_peek(void **unused) {
  mst_error err = {0};
  mst_fields f;
  int number = 0;
  (void)unused;
  assert_int_equal(write_one(&comm, 6, &err), MASTING_OK);
  assert_int_equal(mst_archive_peek(path, "scalars", &f, &err), MASTING_OK);
  mst_field_int(&f, &number);
  assert_int_equal(number, 6);
  mst_fields_free(&f);
  assert_int_equal(mst_archive_peek(path, "no such", &f, &err), MASTING_ERR_FORMAT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_other_ranks),   cmocka_unit_test(test_the_one_before),
      cmocka_unit_test(test_flipped_bits),  cmocka_unit_test(test_missing_ends),
      cmocka_unit_test(test_nothing_there), cmocka_unit_test(test_another_visit),
      cmocka_unit_test(test_peek)};
  mst_error err = {0};
  char folder[] = "/tmp/masting-archive-XXXXXX", before[80];
  if (mst_comm_begin(&comm, &err) != MASTING_OK) return 1;
  if (comm.rank == 0 && !mkdtemp(folder)) return 1;
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, comm.mpi);
  snprintf(path, sizeof path, "%s/a", folder);
  snprintf(before, sizeof before, "%s.before", path);
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) {
    unlink(path);
    unlink(before);
    rmdir(folder);
  }
  mst_comm_end(&comm);
  return failed != 0;
}
