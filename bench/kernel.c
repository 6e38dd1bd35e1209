/* bench/kernel.c -- the gallery's kernels alone, against plain reads of their data.
 *
 *   kernel [ROWS [REPEATS [ISA]]]     logistic with 64 columns, ROWS (default 1000000) rows,
 *   float64 and
 *                                     float32; ppca with 5,000 rows; ISA 0, 1, 2: base, v3, v4
 *
 * Prints one JSON object a line: nanoseconds of the best repeat, and its ratio to one read (sum of
 * all elements) of X by the same threads, measured in turn with it. No MPI, no exact sums.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/isa.h"
#include "base/mem.h"
#include "model/model.h"
#include "par/shard.h"

#define COLUMNS 64
#define MOST_GLOBALS 128
#define MOST_BLOCK 1024
#define SCRATCH (1 << 20)

typedef struct bench {
  const masting_model *model;
  const int64_t *size;
  const void *data[2];
  masting_type type[2];
  int64_t row_bytes[2];
  int64_t rows, locals;
  double *theta, *local; /* [globals][lanes], [rows][locals][lanes] */
  double *grad, *local_grad, *lp;
  char *scratch;
} bench;

static double sink;

static void *array(size_t count, size_t size) {
  mst_error err = {0};
  void *p;
  if (mst_alloc(&p, count, size, "bench", &err)) {
    mst_error_print(&err);
    exit(1);
  }
  return p;
}

/* Every thread its own blocks, as the sampler does. */
static void gradient(const bench *b) {
#pragma omp parallel
  {
    const int lanes = b->model->lanes, thread = omp_get_thread_num();
    const mst_shard s = mst_shard_make(b->rows, 0, 1);
    double *grad = b->grad + thread * MOST_GLOBALS * 16, *lp = b->lp + thread * 16;
    double *local_grad = b->local_grad + (int64_t)thread * MOST_BLOCK * 16;
    int64_t begin, end;
    mst_shard_thread(&s, thread, omp_get_num_threads(), &begin, &end);
    for (int64_t k = begin; k < end; k++) {
      int64_t row = mst_block_first(&s, k).v;
      const void *data[2];
      for (int v = 0; v < 2; v++) data[v] = (const char *)b->data[v] + row * b->row_bytes[v];
      b->model->rows(NULL,
                     &(masting_block){.first_row = row,
                                      .rows = mst_block_count(&s, k),
                                      .data = data,
                                      .type = b->type,
                                      .size = b->size,
                                      .theta = (const vreal *)b->theta,
                                      .theta_grad = (vreal *)grad,
                                      .local = (const vreal *)(b->local + row * b->locals * lanes),
                                      .local_grad = (vreal *)local_grad,
                                      .lp = (vreal *)lp,
                                      .scratch = b->scratch + thread * SCRATCH});
    }
  }
  sink += b->lp[0];
}

typedef double lane8 __attribute__((vector_size(64), aligned(8), may_alias));

__attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"))) static double
sum(const double *x, int64_t n) {
  lane8 s[8] = {0};
  for (int64_t i = 0; i + 64 <= n; i += 64)
    for (int k = 0; k < 8; k++) s[k] += *(const lane8 *)(x + i + 8 * k);
  double total = 0;
  for (int k = 0; k < 64; k++) total += s[k / 8][k % 8];
  return total;
}

static void read_all(const double *x, int64_t n) {
  double total = 0;
#pragma omp parallel reduction(+ : total)
  {
    int64_t share = n / omp_get_num_threads();
    total += sum(x + share * omp_get_thread_num(), share);
  }
  sink += total;
}

static double best(double a, double b) { return a < b ? a : b; }

static void report(const char *what, int lanes, int64_t rows, double seconds, double read) {
  printf("{\"kernel\": \"%s\", \"lanes\": %d, \"rows\": %lld, \"threads\": %d, \"ns\": %.0f", what,
         lanes, (long long)rows, omp_get_max_threads(), seconds * 1e9);
  if (read > 0) printf(", \"reads\": %.3f, \"read_ns\": %.0f", seconds / read, read * 1e9);
  printf("}\n");
}

static void measure(bench *b, const char *what, const double *x, int64_t elements, int repeats) {
  double time = 1e9, read = elements ? 1e9 : 0;
  for (int r = 0; r < repeats; r++) {
    double t0 = mst_now();
    if (elements) read_all(x, elements);
    double t1 = mst_now();
    gradient(b);
    if (elements) read = best(read, t1 - t0);
    time = best(time, mst_now() - t1);
  }
  report(what, b->model->lanes, b->rows, time, read);
}

static mst_model_set open_model(const char *name, int isa) {
  mst_error err = {0};
  mst_model_set set;
  if (mst_model_open(&set, name, isa, &err)) {
    mst_error_print(&err);
    exit(1);
  }
  return set;
}

static void fill(double *x, int64_t n, double scale) {
#pragma omp parallel for
  for (int64_t i = 0; i < n; i++) x[i] = scale * ((double)((i * 7919) % 2003) / 1001.0 - 1.0);
}

static void logistic(bench b, int64_t rows, int repeats, int isa) {
  const mst_model_set set = open_model("logistic", isa);
  const int64_t size[2] = {rows, COLUMNS};
  double *x = array((size_t)rows * COLUMNS, sizeof *x);
  float *f = array((size_t)rows * COLUMNS, sizeof *f);
  int32_t *y = array((size_t)rows, sizeof *y);
  fill(x, rows * COLUMNS, 1.0);
  for (int64_t i = 0; i < rows * COLUMNS; i++) f[i] = (float)x[i];
  for (int64_t i = 0; i < rows; i++) y[i] = (int32_t)(i % 3 == 0);
  b.rows = rows;
  b.size = size;
  b.locals = 0;
  for (int single = 0; single < 2; single++)
    for (int w = 0; w < 5; w++) {
      b.model = set.width[w];
      b.data[0] = single ? (const void *)f : x;
      b.data[1] = y;
      b.type[0] = single ? MASTING_F32 : MASTING_F64;
      b.type[1] = MASTING_I32;
      b.row_bytes[0] = COLUMNS * (single ? 4 : 8);
      b.row_bytes[1] = 4;
      measure(&b, single ? "logistic_f32" : "logistic_f64", x, rows * COLUMNS, repeats);
    }
  mst_free(&x);
  mst_free(&f);
  mst_free(&y);
}

static void ppca(bench b, int64_t rows, int repeats, int isa) {
  const mst_model_set set = open_model("ppca", isa);
  const int64_t size[3] = {rows, 2, 1};
  double *x = array((size_t)rows * 2, sizeof *x);
  fill(x, rows * 2, 3.0);
  b.local = array((size_t)rows * 16, sizeof(double));
  fill(b.local, rows * 16, 1.0);
  b.rows = rows;
  b.size = size;
  b.locals = 1;
  b.data[0] = x;
  b.data[1] = x;
  b.row_bytes[0] = 16;
  b.row_bytes[1] = 0;
  for (int w = 0; w < 5; w++) {
    b.model = set.width[w];
    measure(&b, "ppca", NULL, 0, repeats * 50);
  }
  mst_free(&x);
  mst_free(&b.local);
}

int main(int argc, char **argv) {
  int64_t rows = argc > 1 ? atoll(argv[1]) : 1000000;
  int repeats = argc > 2 ? atoi(argv[2]) : 10;
  int isa = argc > 3 ? atoi(argv[3]) : (int)mst_isa_here();
  int threads = omp_get_max_threads();
  bench b = {.theta = array(MOST_GLOBALS * 16, sizeof(double)),
             .grad = array((size_t)threads * MOST_GLOBALS * 16, sizeof(double)),
             .lp = array((size_t)threads * 16, sizeof(double)),
             .local_grad = array((size_t)threads * MOST_BLOCK * 16, sizeof(double)),
             .scratch = array((size_t)threads, SCRATCH)};
  fill(b.theta, MOST_GLOBALS * 16, 0.1);
  logistic(b, rows, repeats, isa);
  ppca(b, 5000, repeats, isa);
  mst_free(&b.theta);
  mst_free(&b.grad);
  mst_free(&b.lp);
  mst_free(&b.local_grad);
  mst_free(&b.scratch);
  return sink == 0.0;
}
