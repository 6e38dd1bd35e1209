/* Reading data: every layout, type and number of rows arrives where the model expects it, and the
 * hash of the contents does not depend on ranks, compression or the type in the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/h5.h"
#include "dataset_toy.h"

static mst_comm comm;

static void read_ok(mst_dataset *d, const mst_comm *on, const mst_read_options *options) {
  mst_error err = {0};
  mst_dataset_read(d, on, &toy_model, "data.h5", options, &err);
  if (err.status) fail_msg("%s", err.message);
}

/* Element e of a variable, whatever its type in memory. */
static double at(const mst_dataset *d, int var, int64_t e) {
  if (d->type[var] == MASTING_F64) return ((const double *)d->var[var])[e];
  if (d->type[var] == MASTING_F32) return (double)((const float *)d->var[var])[e];
  return ((const int32_t *)d->var[var])[e];
}

static void check_rows(const mst_dataset *d) {
  for (int64_t r = 0; r < d->shard.rows; r++) {
    int64_t n = d->shard.first_row.v + r;
    assert_true(at(d, TOY_g, r) == toy_value(TOY_g, n, 0, 0));
    for (int64_t p = 0; p < 3; p++) {
      assert_true(at(d, TOY_X, r * 3 + p) == toy_value(TOY_X, n, p, 0));
      assert_true(at(d, TOY_t, r * 3 + p) == toy_value(TOY_t, p, n, 0));
      for (int64_t k = 0; k < 2; k++)
        assert_true(at(d, TOY_u, (r * 3 + p) * 2 + k) == toy_value(TOY_u, p, n, k));
    }
  }
  for (int64_t p = 0; p < 3; p++)
    for (int64_t k = 0; k < 2; k++)
      assert_true(at(d, TOY_m, p * 2 + k) == toy_value(TOY_m, p, k, 0));
  assert_true(at(d, TOY_s, 0) == 2.5);
  for (int64_t g = 0; g < 4; g++) assert_true(at(d, TOY_c, g) == toy_value(TOY_c, g, 0, 0));
}

static void check_geometry(const mst_dataset *d, int64_t n) {
  assert_int_equal(d->size[TOY_N], n);
  assert_int_equal(d->size[TOY_P], 3);
  assert_int_equal(d->size[TOY_G], 4);
  assert_int_equal(d->size[TOY_K], 2);
  int64_t rows = 0;
  MPI_Allreduce(&d->shard.rows, &rows, 1, MPI_INT64_T, MPI_SUM, comm.mpi);
  assert_int_equal(rows, n);
  const int sharded[] = {1, 1, 1, 1, 0, 0, 0};
  const int64_t row_bytes[] = {3 * (d->type[TOY_X] == MASTING_F32 ? 4 : 8), 4, 24, 24, 0, 0, 0};
  for (int v = 0; v < 7; v++) {
    assert_int_equal(d->sharded[v], sharded[v]);
    assert_int_equal(d->row_bytes[v], row_bytes[v]);
  }
  assert_int_equal(d->bytes, d->shard.rows * (row_bytes[0] + 52) + 48 + 8 + 16);
}

/* One file: read by all ranks together, and by each alone; the same hash. */
static uint64_t round_trip(const toy_file *how, const mst_read_options *options, masting_type x) {
  mst_comm self = {.mpi = MPI_COMM_SELF, .rank = 0, .size = 1, .threads = 1};
  mst_dataset d, alone;
  if (comm.rank == 0) toy_write("data.h5", how);
  MPI_Barrier(comm.mpi);
  read_ok(&d, &comm, options);
  assert_int_equal(d.type[TOY_X], x);
  check_geometry(&d, how->n);
  check_rows(&d);
  read_ok(&alone, &self, options);
  assert_int_equal(alone.shard.rows, how->n);
  check_rows(&alone);
  assert_true(alone.hash == d.hash);
  uint64_t hash = d.hash;
  mst_dataset_free(&d);
  mst_dataset_free(&alone);
  MPI_Barrier(comm.mpi);
  return hash;
}

static void any_number_of_rows(void **state) {
  (void)state;
  const int64_t n[] = {1, 2, 3, 255, 256, 257, 1001, 32769};
  for (size_t i = 0; i < sizeof n / sizeof *n; i++)
    round_trip(&(toy_file){.n = n[i]}, NULL, MASTING_F32);
}

/* What the numbers were stored as shows only in the width of a float32 variable. */
static void any_type_in_the_file(void **state) {
  (void)state;
  toy_file plain = {.n = 777}, wide = plain, odd = plain, packed = plain;
  wide.type[TOY_X] = H5T_IEEE_F64BE;
  wide.type[TOY_g] = H5T_STD_I64LE;
  wide.type[TOY_u] = H5T_NATIVE_DOUBLE;
  wide.type[TOY_c] = H5T_STD_I16BE;
  odd.type[TOY_X] = H5T_STD_I8LE;
  odd.type[TOY_g] = H5T_STD_U8LE;
  odd.type[TOY_u] = H5T_STD_U32BE;
  odd.type[TOY_c] = H5T_NATIVE_FLOAT;
  packed.compressed = 1;
  uint64_t hash = round_trip(&plain, NULL, MASTING_F32);
  assert_true(round_trip(&plain, NULL, MASTING_F32) == hash);
  assert_true(round_trip(&odd, NULL, MASTING_F32) == hash);
  assert_true(round_trip(&packed, NULL, MASTING_F32) == hash);
  assert_true(round_trip(&wide, NULL, MASTING_F64) != hash);
  mst_read_options narrow = {.float32 = 1};
  assert_true(round_trip(&wide, &narrow, MASTING_F32) == hash);
}

/* The hash sees contents: one value, or two values exchanged between blocks. */
static void hash_sees_changes(void **state) {
  (void)state;
  mst_dataset d;
  uint64_t hash = round_trip(&(toy_file){.n = 777}, NULL, MASTING_F32);
  if (comm.rank == 0) toy_poke("data.h5", "t", 700, 0.25);
  MPI_Barrier(comm.mpi);
  read_ok(&d, &comm, NULL);
  assert_true(d.hash != hash);
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
  if (comm.rank == 0) {
    toy_write("data.h5", &(toy_file){.n = 768});
    for (int64_t p = 0; p < 3; p++)
      for (int64_t i = 0; i < 256; i++) { /* blocks 0 and 1 of t exchanged, and nothing else */
        toy_poke("data.h5", "t", p * 768 + i, toy_value(TOY_t, p, i + 256, 0));
        toy_poke("data.h5", "t", p * 768 + i + 256, toy_value(TOY_t, p, i, 0));
      }
  }
  MPI_Barrier(comm.mpi);
  read_ok(&d, &comm, NULL);
  uint64_t exchanged = d.hash;
  mst_dataset_free(&d);
  assert_true(exchanged != round_trip(&(toy_file){.n = 768}, NULL, MASTING_F32));
}

/* Booleans as h5py stores them: an enumeration of int8. */
static void booleans(void **state) {
  (void)state;
  mst_dataset d;
  if (comm.rank == 0) {
    const int8_t no = 0, yes = 1;
    const double c[] = {1, 0, 1, 1};
    toy_write("data.h5", &(toy_file){.n = 5});
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    H5Tenum_insert(type, "FALSE", &no);
    H5Tenum_insert(type, "TRUE", &yes);
    toy_put("data.h5", "c", H5T_NATIVE_INT8, 1, (const int64_t[]){4}, c);
    hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t set = H5Dopen2(f, "c", H5P_DEFAULT), space = H5Dget_space(set);
    int8_t raw[4];
    H5Dread(set, H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw);
    H5Dclose(set);
    H5Ldelete(f, "c", H5P_DEFAULT);
    set = H5Dcreate2(f, "c", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw);
    H5Dclose(set);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(f);
  }
  MPI_Barrier(comm.mpi);
  read_ok(&d, &comm, NULL);
  const double want[] = {1, 0, 1, 1};
  for (int i = 0; i < 4; i++) assert_true(at(&d, TOY_c, i) == want[i]);
  mst_dataset_free(&d);
}

/* --size wins over a scalar in the file; a scalar may be an attribute, or stored as [1]. */
static void sizes_from_everywhere(void **state) {
  (void)state;
  static const masting_size sizes[] = {{.name = "N", .doc = ""},
                                       {.name = "K", .fallback = 1, .doc = ""},
                                       {.name = "L", .fallback = 9, .doc = ""}};
  static const masting_data data[] = {{.name = "y",
                                       .type = MASTING_F64,
                                       .ndims = 1,
                                       .dims = {0},
                                       .lower = -INFINITY,
                                       .upper = INFINITY,
                                       .upper_size = MASTING_NO_SIZE}};
  masting_model m = {
      .name = "sizes", .sizes = sizes, .nsizes = 3, .shard = 0, .data = data, .ndata = 1};
  const double y[] = {1, 2, 3}, five = 5, six = 6;
  if (comm.rank == 0) {
    toy_put("sizes.h5", "y", H5T_NATIVE_DOUBLE, 1, (const int64_t[]){3}, y);
    toy_put("sizes.h5", "K", H5T_NATIVE_DOUBLE, 1, (const int64_t[]){1}, &five);
    hid_t f = H5Fopen("sizes.h5", H5F_ACC_RDWR, H5P_DEFAULT), s = H5Screate(H5S_SCALAR);
    hid_t a = H5Acreate2(f, "L", H5T_NATIVE_DOUBLE, s, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(a, H5T_NATIVE_DOUBLE, &six);
    H5Aclose(a);
    H5Sclose(s);
    H5Fclose(f);
  }
  MPI_Barrier(comm.mpi);
  mst_size_value over = {.name = "K", .value = 4};
  mst_read_options options = {.sizes = &over, .nsizes = 1};
  for (int i = 0; i < 2; i++) {
    mst_dataset d;
    mst_error err = {0};
    mst_dataset_read(&d, &comm, &m, "sizes.h5", i ? &options : NULL, &err);
    if (err.status) fail_msg("%s", err.message);
    assert_int_equal(d.size[0], 3);
    assert_int_equal(d.size[1], i ? 4 : 5);
    assert_int_equal(d.size[2], 6);
    mst_dataset_free(&d);
  }
  m.ndata = 0; /* no file at all */
  mst_dataset d;
  mst_error err = {0};
  mst_size_value n = {.name = "N", .value = 12};
  options.sizes = &n;
  mst_dataset_read(&d, &comm, &m, NULL, &options, &err);
  if (err.status) fail_msg("%s", err.message);
  assert_int_equal(d.size[0], 12);
  assert_int_equal(d.size[2], 9);
  assert_int_equal(d.shard.n, 12);
  mst_dataset_free(&d);
}

int main(void) {
  mst_error err = {0};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_rows), cmocka_unit_test(any_type_in_the_file),
      cmocka_unit_test(hash_sees_changes), cmocka_unit_test(booleans),
      cmocka_unit_test(sizes_from_everywhere)};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) return 1;
  mst_h5_quiet();
  toy_enter(&comm);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  toy_leave(&comm);
  mst_comm_end(&comm);
  return failed;
}
