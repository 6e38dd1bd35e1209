/* Data in CSV: columns become variables and matrices, on all ranks; and every message whole. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_toy.h"

static mst_comm comm;

enum { N, P };
enum { Y, G, X };
#define FREE                                                                                       \
  .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE, .upper_size = MASTING_NO_SIZE
static const masting_size sizes[] = {{.name = "N", .doc = "rows", .zero = 1},
                                     {.name = "P", .doc = "columns"}};
static const masting_data data[] = {
    {.name = "y", .type = MASTING_F64, .ndims = 1, .dims = {N}, FREE},
    {.name = "g",
     .type = MASTING_I32,
     .ndims = 1,
     .dims = {N},
     .lower = 0,
     .upper = 9,
     .upper_size = MASTING_NO_SIZE},
    {.name = "X", .type = MASTING_F64, .ndims = 2, .dims = {N, P}, FREE}};
static masting_model model;

static void write_text(const char *path, const char *text) {
  FILE *f = fopen(path, "wb");
  if (!f || fputs(text, f) < 0 || fclose(f) != 0) abort();
}

typedef struct good {
  const char *text;
  int64_t n, p;
  double y[4], X[8];
  int32_t g[4];
} good;

static const good goods[] = {
    {"y,g,X.1,X.2\n1.5,1,10,20\n-2e3,0,30,40\n", 2, 2, {1.5, -2000}, {10, 20, 30, 40}, {1, 0}},
    {"\xef\xbb\xbf\"X[2]\",\"y\",\"X[1]\",\"g\"\r\n\"20\",\"1.5\",10,1\r\n40, -.5 ,+3.0,2.0",
     2,
     2,
     {1.5, -0.5},
     {10, 20, 3, 40},
     {1, 2}},
    {"X1,X2,X3,g,y,sex,note\n1,2,3,4,5,male,\"a, \"\"b\"\"\nc\"\n\n6,7,8,9,1.,female,\n\n",
     2,
     3,
     {5, 1},
     {1, 2, 3, 6, 7, 8},
     {4, 9}},
    {"\"\",y,X1,X,g,X.1\n\"1\",1,7,2,3,4\n", 1, 0, {0}, {0}, {0}}, /* a column X: no matrix */
    {"g,y,X.10,X.2,X.3,X.4,X.5,X.6,X.7,X.8,X.9,X.1\n1,1,10,2,3,4,5,6,7,8,9,1\n",
     1,
     10,
     {1},
     {1, 2, 3, 4, 5, 6, 7, 8},
     {1}},
};

static void columns(void **state) {
  const good *c = *state;
  mst_dataset d;
  mst_error err = {0};
  if (comm.rank == 0) write_text("data.csv", c->text);
  MPI_Barrier(comm.mpi);
  mst_dataset_read(&d, &comm, &model, "data.csv", NULL, &err);
  if (c->p == 0) {
    assert_string_equal(err.message,
                        "data.csv: X: wrong shape; expected X[N,P] with 2 dimensions, got [1]; "
                        "try reshaping it, a single column to [rows, 1]");
  } else {
    assert_string_equal(err.message, "");
    assert_int_equal(d.size[N], c->n);
    assert_int_equal(d.size[P], c->p);
    const double *y = d.var[Y], *x = d.var[X];
    const int32_t *g = d.var[G];
    for (int64_t r = 0; r < d.shard.rows; r++) {
      int64_t n = d.shard.first_row.v + r;
      assert_true(y[r] == c->y[n]);
      assert_int_equal(g[r], c->g[n]);
      for (int64_t p = 0; p < c->p && n * c->p + p < 8; p++)
        assert_true(x[r * c->p + p] == c->X[n * c->p + p]);
    }
  }
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
}

/* More rows than a rank has: the same as in HDF5. */
static void same_as_hdf5(void **state) {
  (void)state;
  enum { ROWS = 1500 };
  mst_dataset a, b;
  mst_error err = {0};
  if (comm.rank == 0) {
    static double y[ROWS], g[ROWS], x[ROWS * 2];
    FILE *f = fopen("data.csv", "wb");
    if (!f) abort();
    fputs("g,X.2,X.1,y\n", f);
    for (int i = 0; i < ROWS; i++) {
      y[i] = i / 7.0;
      g[i] = i % 10;
      x[2 * i] = i;
      x[2 * i + 1] = 1.0 / (i + 1);
      fprintf(f, "%d,%.17g,%d,%.17g\n", i % 10, x[2 * i + 1], i, y[i]);
    }
    fclose(f);
    toy_put("data.h5", "y", H5T_NATIVE_DOUBLE, 1, (const int64_t[]){ROWS}, y);
    toy_put("data.h5", "g", H5T_NATIVE_INT32, 1, (const int64_t[]){ROWS}, g);
    toy_put("data.h5", "X", H5T_NATIVE_DOUBLE, 2, (const int64_t[]){ROWS, 2}, x);
  }
  MPI_Barrier(comm.mpi);
  mst_dataset_read(&a, &comm, &model, "data.csv", NULL, &err);
  mst_dataset_read(&b, &comm, &model, "data.h5", NULL, &err);
  assert_string_equal(err.message, "");
  assert_true(a.hash == b.hash);
  for (int v = 0; v < 3; v++)
    assert_memory_equal(a.var[v], b.var[v], (size_t)(a.row_bytes[v] * a.shard.rows));
  mst_dataset_free(&a);
  mst_dataset_free(&b);
  MPI_Barrier(comm.mpi);
}

typedef struct bad {
  const char *text, *message;
  masting_status status;
} bad;

#define DATA MASTING_ERR_DATA
#define FORMAT MASTING_ERR_FORMAT
static const bad bads[] = {
    {"y,g\n1,2\n", "data.csv: there is no variable 'X'; expected X[N,P], got g, y", DATA},
    {"Y,g,X.1\n1,2,3\n",
     "data.csv: there is no variable 'y'; expected y[N], got X, Y, g; did you mean 'Y' (case "
     "matters)?",
     DATA},
    {"y,g,X.1\n1,2.5,3\n",
     "data.csv: g: 1 value is not a whole number; expected int, as the model declares it, "
     "got g[1] = 2.5 (row 1, 1-based)",
     DATA},
    {"y,g,X.1\n1,2,3\n1,12,3\n",
     "data.csv: g: 1 value is too large; expected at most 9, got g[2] = 12 (row 2, "
     "1-based)",
     DATA},
    {"y,g,X.1,X.2\n1,2,3,4\n1,2,NaN,-Inf\n",
     "data.csv: X: 2 values are not finite; expected finite numbers, got "
     "first X[2,1] = nan (row 2, 1-based)",
     DATA},
    {"y,X.1,g\n",
     "data.csv:2: no rows; expected at least one below the names of columns, got none; try JSON, "
     "if there are to be none",
     DATA},
    {"y,g,X.1\n1,2,3\n\n,2,3\n",
     "data.csv:4: y, row 2: missing value; expected a number, got an empty field", DATA},
    {"y,g,X.1,X.2\n1,2,3,4\n1,2,4,NA\n",
     "data.csv:3: X.2, row 2: missing value; expected a number, got NA", DATA},
    {"y,g,X.1\n1,red,3\n2,blue,3\n",
     "data.csv:2: g, row 1: wrong type; expected a number, got \"red\"; try coding "
     "its values as 1, 2, ...",
     DATA},
    {"y,g,X.1\n1,TRUE,3\n",
     "data.csv:2: g, row 1: wrong type; expected a number, got TRUE; try 1 and 0", DATA},
    {"y,g,X.1\n\"1,5\",1,3\n",
     "data.csv:2: y, row 1: a comma within a number; expected digits and a decimal point, "
     "got \"1,5\"",
     DATA},
    {"y,g,X.1\n1e400,1,3\n",
     "data.csv:2: y, row 1: no number, or beyond a double; expected a number, got 1e400", DATA},
    {"y,g,X.1,X.3\n1,2,3,4\n",
     "data.csv: X: a column is missing; expected X.2 among those of the matrix", DATA},
    {"y,g,X[0],X[1]\n1,2,3,4\n",
     "data.csv: X: a column is missing; expected X[1] among those of the matrix", DATA},
    {"y,g,X1,X3\n1,2,3,4\n",
     "data.csv: there is no variable 'X'; expected X[N,P], got X1, X3, g, y", DATA},
    {"y,g,X.1,g\n1,2,3,4\n", "data.csv:1: column g is there twice; expected each name once", DATA},
    {"y,g,X.1\n1,2,3\n1,2\n",
     "data.csv:3: row 2: wrong number of fields; expected 3 as in the first line, got 2", FORMAT},
    {"y,g,X.1\n1,2,3\n1,2,3,\n",
     "data.csv:3: row 2: wrong number of fields; expected 3 as in the first line, got "
     "at least 4",
     FORMAT},
    {"y,g,X.1\n\"1\",1,2,3\n",
     "data.csv:2: row 1: wrong number of fields; expected 3 as in the first line, got at "
     "least 4; if the first is the row's name, try writing none",
     FORMAT},
    {"y;g;X.1\n1,5;2;3\n",
     "data.csv:1: separated by semicolons; expected commas, and points in decimal numbers; "
     "try write.csv in place of write.csv2 in R",
     FORMAT},
    {"\"y\";\"g\"\n1;2\n",
     "data.csv:1: after a quote: expected ',' or the end of the line, got ';'; separated by "
     "semicolons? try write.csv in place of write.csv2 in R",
     FORMAT},
    {"y\tg\tX.1\n1\t2\t3\n",
     "data.csv:1: separated by tabs; expected commas, and points in decimal numbers; try "
     "writing it as CSV",
     FORMAT},
    {"1,2,3\n4,5,6\n", "data.csv:1: no names of columns; expected a first line of names, got 3",
     FORMAT},
    {"\n\n", "data.csv:1: no columns; expected their names, got nothing", FORMAT},
    {"y,g\n\"1,2\n3,4\n",
     "data.csv:2: a quote is not closed; expected '\"', got the end of the file", FORMAT},
    {"y,g\n\"1\"x,2\n", "data.csv:2: after a quote: expected ',' or the end of the line, got 'x'",
     FORMAT},
    {"\xff\xfey\0,\0",
     "data.csv: wrong encoding; expected UTF-8, got UTF-16; try saving it as UTF-8", FORMAT},
};

static void refused(void **state) {
  const bad *b = *state;
  mst_dataset d;
  mst_error err = {0};
  if (comm.rank == 0) write_text("data.csv", b->text);
  MPI_Barrier(comm.mpi);
  mst_dataset_read(&d, &comm, &model, "data.csv", NULL, &err);
  assert_string_equal(err.message, b->message);
  assert_int_equal(err.status, b->status);
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
}

int main(void) {
  enum { GOODS = sizeof goods / sizeof *goods, BADS = sizeof bads / sizeof *bads };
  struct CMUnitTest tests[GOODS + BADS + 1] = {cmocka_unit_test(same_as_hdf5)};
  for (int i = 0; i < GOODS; i++)
    tests[1 + i] = (struct CMUnitTest){
        .name = goods[i].text, .test_func = columns, .initial_state = (void *)(uintptr_t)&goods[i]};
  for (int i = 0; i < BADS; i++)
    tests[1 + GOODS + i] = (struct CMUnitTest){.name = bads[i].message,
                                               .test_func = refused,
                                               .initial_state = (void *)(uintptr_t)&bads[i]};
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) return 1;
  model = toy_model;
  model.sizes = sizes;
  model.nsizes = 2;
  model.data = data;
  model.ndata = 3;
  model.shard = N;
  toy_enter(&comm);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  toy_leave(&comm);
  mst_comm_end(&comm);
  return failed;
}
