/* Bad data: every message whole, the same on all ranks, and every rank comes back. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/h5.h"
#include "dataset_toy.h"

static mst_comm comm;

typedef struct bad {
  const char *name;
  void (*spoil)(void); /* rank 0, after a good data.h5 of 777 rows was written */
  const char *message;
  masting_status status;
  mst_size_value size; /* --size, if it has a name */
} bad;

#define DIMS(...) ((const int64_t[]){__VA_ARGS__})
static double zeros[4000];
static long long good_bytes; /* of the good file; on rank 0 */

static void write_bytes(const char *bytes, size_t n) {
  FILE *f = fopen("data.h5", "wb");
  if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0) abort();
}

static void gone(void) { unlink("data.h5"); }
static void directory(void) {
  gone();
  mkdir("data.h5", 0777);
}
static void fifo(void) {
  gone();
  mkfifo("data.h5", 0666);
}
static void empty(void) { write_bytes("", 0); }
static void text(void) { write_bytes("x,y\n1,2\n", 8); }
static void one_line(void) { write_bytes("N <- 5; y <- c(1, 2, 3, 4, 5); x <- 0", 37); }
static void npz(void) { write_bytes("PK\x03\x04zzzz", 8); }
static void noise(void) { write_bytes("\x01\x02\x03\x04", 4); }
static void truncated(void) {
  if (truncate("data.h5", 5000) != 0) abort();
}

/* As a program leaves it that is killed: the flag that says "being written" is set. Copied while
 * open. */
static void left_open(void) {
  hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  hid_t f = H5Fcreate("open.h5", H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
  H5Pclose(fapl);
  H5Fflush(f, H5F_SCOPE_GLOBAL);
  if (system("cp open.h5 data.h5") != 0) abort();
  H5Fclose(f);
}

static int lock_fd = -1;
static void locked(void) {
  lock_fd = open("data.h5", O_RDWR);
  if (lock_fd < 0 || flock(lock_fd, LOCK_EX | LOCK_NB) != 0) abort();
}

static void missing(void) { toy_drop("data.h5", "t"); }
static void misspelt(void) {
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lmove(f, "X", f, "x", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(f);
}
static void group(void) {
  toy_drop("data.h5", "g");
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(f, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(f);
}
static void dangling(void) {
  toy_drop("data.h5", "s");
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", f, "s", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(f);
}
static void shorter(void) { toy_put("data.h5", "X", H5T_NATIVE_FLOAT, 2, DIMS(776, 3), zeros); }
static void transposed(void) { toy_put("data.h5", "X", H5T_NATIVE_FLOAT, 2, DIMS(3, 777), zeros); }
static void column(void) { toy_put("data.h5", "g", H5T_NATIVE_INT, 2, DIMS(777, 1), zeros); }
static void row_vector(void) { toy_put("data.h5", "X", H5T_NATIVE_FLOAT, 1, DIMS(777), zeros); }
static void no_rows(void) { toy_put("data.h5", "g", H5T_NATIVE_INT, 1, DIMS(0), NULL); }
static void no_layers(void) {
  toy_drop("data.h5", "K");
  toy_drop("data.h5", "m");
  toy_drop("data.h5", "u");
}
static void wrong_scalar(void) {
  const double four = 4;
  toy_put("data.h5", "K", H5T_NATIVE_INT, 0, NULL, &four);
}
static void nan_in_rows(void) {
  toy_poke("data.h5", "X", 700 * 3 + 2, (double)NAN);
  toy_poke("data.h5", "X", 421 * 3 + 1, (double)NAN);
  toy_poke("data.h5", "X", 422 * 3, (double)-INFINITY);
}
static void infinity_in_columns(void) { toy_poke("data.h5", "t", 777 + 610, (double)INFINITY); }
static void nan_replicated(void) { toy_poke("data.h5", "m", 3, (double)NAN); }
static void fraction(void) {
  for (int64_t i = 0; i < 777; i++) zeros[i] = 1;
  zeros[299] = 2.5;
  zeros[776] = 2.25;
  toy_put("data.h5", "g", H5T_NATIVE_DOUBLE, 1, DIMS(777), zeros);
  memset(zeros, 0, sizeof zeros);
}
static void too_wide(void) {
  zeros[600] = 5e9;
  toy_put("data.h5", "u", H5T_STD_I64LE, 3, DIMS(1, 777, 2), zeros);
  zeros[600] = 0;
  toy_put("data.h5", "X", H5T_NATIVE_FLOAT, 2, DIMS(777, 1), zeros);
  toy_put("data.h5", "t", H5T_NATIVE_FLOAT, 2, DIMS(1, 777), zeros);
  toy_put("data.h5", "m", H5T_NATIVE_FLOAT, 2, DIMS(1, 2), zeros);
}
static void below(void) { toy_poke("data.h5", "g", 5, 0); }
static void above_size(void) { toy_poke("data.h5", "g", 776, 5); }
static void above(void) { toy_poke("data.h5", "u", 2 * (777 + 512) + 1, 10000001); }
static void not_positive(void) { toy_poke("data.h5", "s", 0, 0); }
static void not_text(void) {
  toy_drop("data.h5", "s");
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  H5Dclose(H5Dcreate2(f, "s", H5T_C_S1, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
  H5Fclose(f);
}
static void null_space(void) {
  toy_drop("data.h5", "c");
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_NULL);
  H5Dclose(H5Dcreate2(f, "c", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
  H5Fclose(f);
}
/* A chunk in the last block, so that with several ranks the first one sees nothing of it. */
static void damaged_chunk(void) {
  unsigned mask;
  haddr_t at;
  hsize_t bytes, offset;
  toy_write("data.h5", &(toy_file){.n = 777, .compressed = 1});
  hid_t f = H5Fopen("data.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(f, "g", H5P_DEFAULT);
  hid_t space = H5Dget_space(set);
  if (H5Dget_chunk_info(set, space, 7, &offset, &mask, &at, &bytes) < 0) abort();
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(f);
  int fd = open("data.h5", O_RDWR);
  if (pwrite(fd, "masting!", 8, (off_t)at) != 8) abort();
  close(fd);
}

#define HAS "c, g, m, s, t, u"
static const bad cases[] = {
    {"missing file",
     gone,
     "data.h5: No such file or directory; expected a data file",
     MASTING_ERR_NOFILE,
     {0}},
    {"directory",
     directory,
     "data.h5: it is a directory; expected a data file",
     MASTING_ERR_NOFILE,
     {0}},
    {"FIFO", fifo, "data.h5: it is a FIFO; expected a data file", MASTING_ERR_NOFILE, {0}},
    {"empty",
     empty,
     "data.h5: it is empty; expected HDF5, JSON or CSV, got 0 bytes",
     MASTING_ERR_FORMAT,
     {0}},
    {"text",
     text,
     "data.h5: not a data file; expected HDF5, JSON or CSV, got text that begins with \"x,y\"; if "
     "it is "
     "CSV, try the suffix .csv",
     MASTING_ERR_FORMAT,
     {0}},
    {"one long line",
     one_line,
     "data.h5: not a data file; expected HDF5, JSON or CSV, got text that begins with "
     "\"N <- 5; y <- c(1, 2, 3, 4, 5); x\"; if it is CSV, try the suffix .csv",
     MASTING_ERR_FORMAT,
     {0}},
    {"npz",
     npz,
     "data.h5: not a data file; expected HDF5, JSON or CSV, got a ZIP archive (or .npz); try "
     "writing "
     "the arrays "
     "with h5py",
     MASTING_ERR_FORMAT,
     {0}},
    {"noise",
     noise,
     "data.h5: not a data file; expected HDF5, JSON or CSV, got unknown bytes; if a program was "
     "stopped while it "
     "wrote the file, try making it again",
     MASTING_ERR_FORMAT,
     {0}},
    {"truncated",
     truncated,
     "data.h5: the HDF5 file is truncated; expected SIZE bytes, got 5000; try copying it again",
     MASTING_ERR_FORMAT,
     {0}},
    {"left open",
     left_open,
     "data.h5: the HDF5 file was left open by the program that wrote it; expected a file that was "
     "closed; if that program has ended, try `h5clear -s data.h5`",
     MASTING_ERR_FORMAT,
     {0}},
    {"locked",
     locked,
     "data.h5: the HDF5 file is locked; expected that nobody writes it; try again later, or with "
     "HDF5_USE_FILE_LOCKING=FALSE if the file system has no locks",
     MASTING_ERR_FORMAT,
     {0}},
    {"missing dataset",
     missing,
     "data.h5: there is no dataset 't'; expected t[P,N], got K, X, c, g, m, s, u",
     MASTING_ERR_DATA,
     {0}},
    {"other case",
     misspelt,
     "data.h5: there is no dataset 'X'; expected X[N,P], got K, " HAS ", x; did you mean 'x' (case "
     "matters)?",
     MASTING_ERR_DATA,
     {0}},
    {"group",
     group,
     "data.h5: there is a group, no dataset 'g'; expected g[N], got K, X, c, m, s, t, u",
     MASTING_ERR_DATA,
     {0}},
    {"dangling link",
     dangling,
     "data.h5: there is no dataset 's'; expected s, got K, X, c, g, m, t, u; try --data s=VALUE",
     MASTING_ERR_DATA,
     {0}},
    {"one row less",
     shorter,
     "data.h5: X: wrong shape; expected X[N,P] with N = 777 since g has shape [777], got [776, 3]",
     MASTING_ERR_DATA,
     {0}},
    {"transposed",
     transposed,
     "data.h5: X: wrong shape; expected X[N,P] with N = 777 since g has shape [777], got "
     "[3, 777]; it "
     "fits with its dimensions exchanged: is it transposed?",
     MASTING_ERR_DATA,
     {0}},
    {"a dimension more",
     column,
     "data.h5: g: wrong shape; expected g[N] with 1 dimension, got [777, 1]; try removing the "
     "dimensions of length 1",
     MASTING_ERR_DATA,
     {0}},
    {"a dimension less",
     row_vector,
     "data.h5: X: wrong shape; expected X[N,P] with 2 dimensions, got [777]; try reshaping it, a "
     "single column to [rows, 1]",
     MASTING_ERR_DATA,
     {0}},
    {"no rows",
     no_rows,
     "data.h5: g: no rows; expected g[N] with N at least 1, got [0]",
     MASTING_ERR_DATA,
     {0}},
    {"missing with a size",
     no_layers,
     "data.h5: there is no dataset 'u'; expected u[P,N,K], got X, c, g, s, t",
     MASTING_ERR_DATA,
     {0}},
    {"scalar against shape",
     wrong_scalar,
     "data.h5: m: wrong shape; expected m[P,K] with K = 4 since the file says K = 4, got [3, 2]",
     MASTING_ERR_DATA,
     {0}},
    {"option against shape",
     NULL,
     "data.h5: g: wrong shape; expected g[N] with N = 700 since --size N=700, got [777]; "
     "try leaving "
     "--size out",
     MASTING_ERR_DATA,
     {.name = "N", .value = 700}},
    {"unknown size",
     NULL,
     "--size n: model toy has no such size; expected one of N, P, G, K, s; did you "
     "mean N?",
     MASTING_ERR_USAGE,
     {.name = "n", .value = 700}},
    {"size 0",
     NULL,
     "--size P: expected at least 1, got 0",
     MASTING_ERR_USAGE,
     {.name = "P", .value = 0}},
    {"NaN",
     nan_in_rows,
     "data.h5: X: 3 values are not finite; expected finite numbers, got first X[422,2] = "
     "nan (row 422, "
     "1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"infinity, rows second",
     infinity_in_columns,
     "data.h5: t: 1 value is not finite; expected finite numbers, got t[2,611] = inf (row "
     "611, 1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"NaN, replicated",
     nan_replicated,
     "data.h5: m: 1 value is not finite; expected finite numbers, got m[2,2] = nan (1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"fraction",
     fraction,
     "data.h5: g: 2 values are not whole numbers; expected int, as the model declares it, "
     "got first "
     "g[300] = 2.5 (row 300, 1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"too wide",
     too_wide,
     "data.h5: u: 1 value does not fit 32 bits; expected int, as the model declares it, got "
     "u[1,301,1] = 5e+09 (row 301, 1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"below",
     below,
     "data.h5: g: 1 value is too small; expected at least 1, got g[6] = 0 (row 6, 1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"above a size",
     above_size,
     "data.h5: g: 1 value is too large; expected at most G = 4, got g[777] = 5 (row 777, 1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"above",
     above,
     "data.h5: u: 1 value is too large; expected at most 10000000, got u[2,513,2] = "
     "10000001 (row 513, "
     "1-based)",
     MASTING_ERR_DATA,
     {0}},
    {"not positive",
     not_positive,
     "data.h5: s: 1 value is too small; expected a value above 0, got s = 0",
     MASTING_ERR_DATA,
     {0}},
    {"text dataset",
     not_text,
     "data.h5: s: wrong type; expected numbers, got text; try storing it as int or float",
     MASTING_ERR_DATA,
     {0}},
    {"null dataset",
     null_space,
     "data.h5: c: no elements; expected numbers, got an empty dataset",
     MASTING_ERR_DATA,
     {0}},
    {"damaged chunk",
     damaged_chunk,
     "data.h5: g: reading failed: inflate() failed; is the file damaged?",
     MASTING_ERR_IO,
     {0}},
};

static void refused(const masting_model *model, const char *path, const mst_read_options *options,
                    masting_status status, const char *message) {
  mst_dataset d;
  mst_error err = {0};
  mst_dataset_read(&d, &comm, model, path, options, &err);
  assert_string_equal(err.message, message);
  assert_int_equal(err.status, status);
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
}

/* Rank 0. */
static void good_file(void) {
  struct stat st;
  if (system("rm -rf data.h5") != 0) abort();
  toy_write("data.h5", &(toy_file){.n = 777});
  if (stat("data.h5", &st) != 0) abort();
  good_bytes = (long long)st.st_size;
}

static void one_case(void **state) {
  const bad *b = *state;
  mst_read_options options = {.sizes = &b->size, .nsizes = b->size.name ? 1 : 0};
  if (comm.rank == 0) {
    good_file();
    if (b->spoil) b->spoil();
  }
  MPI_Bcast(&good_bytes, 1, MPI_LONG_LONG, 0, comm.mpi);
  char message[600];
  const char *size = strstr(b->message, "SIZE");
  if (size)
    snprintf(message, sizeof message, "%.*s%lld%s", (int)(size - b->message), b->message,
             good_bytes, size + 4);
  refused(&toy_model, "data.h5", &options, b->status, size ? message : b->message);
  if (lock_fd >= 0) close(lock_fd);
  lock_fd = -1;
}

static void size_unknown(void **state) {
  (void)state;
  masting_model m = toy_model;
  m.ndata = 2; /* X and g: nothing tells K */
  if (comm.rank == 0) {
    good_file();
    toy_drop("data.h5", "K");
  }
  MPI_Barrier(comm.mpi);
  const mst_size_value g = {.name = "G", .value = 4};
  mst_read_options options = {.sizes = &g, .nsizes = 1};
  refused(
      &m, "data.h5", &options, MASTING_ERR_DATA,
      "data.h5: size K (layers) is not known; expected a scalar dataset of that name; try --size "
      "K=VALUE");
  refused(&m, NULL, NULL, MASTING_ERR_USAGE,
          "model toy: it needs data; expected a file with X[N,P] and others, got none");
}

/* The shape says 80 TB; the file system has none of it. */
static void too_large(void **state) {
  (void)state;
  masting_model m = toy_model;
  m.ndata = 1;
  if (comm.rank == 0) {
    unlink("data.h5");
    toy_put("data.h5", "X", H5T_NATIVE_FLOAT, 2, DIMS(INT64_C(20000000000), 1000), NULL);
  }
  MPI_Barrier(comm.mpi);
  mst_size_value sizes[] = {{.name = "G", .value = 1}, {.name = "K", .value = 1}};
  mst_read_options options = {.sizes = sizes, .nsizes = 2};
  mst_dataset d;
  mst_error err = {0};
  assert_int_equal(mst_dataset_read(&d, &comm, &m, "data.h5", &options, &err), MASTING_ERR_MEMORY);
  assert_non_null(strstr(err.message, "data.h5: too large for the memory of host "));
  assert_non_null(strstr(err.message, comm.size == 1
                                          ? "got 72.8 TiB on 1 rank (72.8 TiB on this one)"
                                          : " on this one); try more nodes"));
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
}

/* The last rank sits in another folder, as on a node that lacks the file or has another one. */
static void other_node(void **state) {
  (void)state;
  char host[65] = "", want[512];
  int last = comm.size - 1;
  bool away = comm.rank == last;
  if (comm.size == 1) skip();
  gethostname(host, sizeof host - 1);
  if (comm.rank == 0) {
    good_file();
    mkdir("elsewhere", 0777);
  }
  MPI_Bcast(&good_bytes, 1, MPI_LONG_LONG, 0, comm.mpi);
  if (away && chdir("elsewhere") != 0) abort();
  snprintf(
      want, sizeof want,
      "data.h5: rank %d on host %s cannot read it (No such file or directory); expected the same "
      "file on all ranks; try a folder that all nodes share",
      last, host);
  refused(&toy_model, "data.h5", NULL, MASTING_ERR_NOFILE, want);
  if (away) write_bytes("not the same", 12);
  snprintf(
      want, sizeof want,
      "data.h5: rank %d on host %s sees 12 bytes where rank 0 sees %lld; expected the same file on "
      "all ranks; try a folder that all nodes share",
      last, host, good_bytes);
  refused(&toy_model, "data.h5", NULL, MASTING_ERR_NOFILE, want);
  if (away && chdir("..") != 0) abort();
  MPI_Barrier(comm.mpi);
}

enum { CASES = sizeof cases / sizeof *cases };

int main(void) {
  mst_error err = {0};
  struct CMUnitTest tests[CASES + 3] = {cmocka_unit_test(size_unknown), cmocka_unit_test(too_large),
                                        cmocka_unit_test(other_node)};
  for (int i = 0; i < CASES; i++)
    tests[3 + i] = (struct CMUnitTest){.name = cases[i].name,
                                       .test_func = one_case,
                                       .initial_state = (void *)(uintptr_t)&cases[i]};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) return 1;
  mst_h5_quiet();
  toy_enter(&comm);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  toy_leave(&comm);
  mst_comm_end(&comm);
  return failed;
}
