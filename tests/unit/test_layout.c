/* tests/unit/test_layout.c -- offsets, Stan's order, and every refusal of mst_layout_make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

enum { N, D, K, G };
enum { VAR_G, VAR_X };
enum { PAR_W, PAR_Z, PAR_S, PAR_A, PAR_V };

static void rows(void *state, const masting_block *block) {
  (void)state;
  (void)block;
}

static void global(void *state, int slot, const int64_t *size, const void *const *values_of,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state, (void)size, (void)values_of, (void)theta, (void)grad, (void)lp;
}

static const masting_size sizes[] = {{.name = "N"}, {.name = "D"}, {.name = "K"}, {.name = "G"}};
static const masting_data data[] = {{.name = "g",
                                     .type = MASTING_I32,
                                     .ndims = 1,
                                     .dims = {N},
                                     .lower = 1,
                                     .upper = INFINITY,
                                     .upper_size = G},
                                    {.name = "x",
                                     .type = MASTING_F64,
                                     .ndims = 2,
                                     .dims = {D, N},
                                     .lower = -INFINITY,
                                     .upper = INFINITY,
                                     .upper_size = MASTING_NO_SIZE}};
static const masting_param params[] = {
    {.name = "w", .ndims = 2, .dims = {D, K}, .transform = MASTING_ORDERED, .column_major = 1},
    {.name = "z", .ndims = 2, .dims = {N, K}, .column_major = 1},
    {.name = "s", .transform = MASTING_LOWER, .lower = 0},
    {.name = "a", .ndims = 1, .dims = {G}},
    {.name = "v",
     .ndims = 3,
     .dims = {D, N, K},
     .transform = MASTING_INTERVAL,
     .lower = 0,
     .upper = 1}};
static const masting_gather gathers[] = {{VAR_G, 1, {PAR_A}}};
static const int64_t values[] = {7, 3, 2, 4};

/* A good model and its lists, to be spoilt by one test at a time. */
typedef struct fixture {
  masting_model m;
  masting_size sizes[4];
  masting_data data[2];
  masting_param params[5];
  masting_gather gathers[1];
  int64_t values[4];
} fixture;

static void make(fixture *f) {
  memcpy(f->sizes, sizes, sizeof sizes);
  memcpy(f->data, data, sizeof data);
  memcpy(f->params, params, sizeof params);
  memcpy(f->gathers, gathers, sizeof gathers);
  memcpy(f->values, values, sizeof values);
  f->m = (masting_model){.abi = MASTING_ABI,
                         .lanes = 8,
                         .name = "probe",
                         .sizes = f->sizes,
                         .nsizes = 4,
                         .shard = N,
                         .data = f->data,
                         .ndata = 2,
                         .params = f->params,
                         .nparams = 5,
                         .gathers = f->gathers,
                         .ngathers = 1,
                         .rows = rows};
}

static void test_offsets(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  assert_int_equal(l.n, 7);
  assert_int_equal(l.globals, 6 + 1 + 4);
  assert_int_equal(l.locals, 2 + 6);
  assert_true(l.local_transforms);
  assert_int_equal(l.param[PAR_W].offset, 0);
  assert_int_equal(l.param[PAR_S].offset, 6);
  assert_int_equal(l.param[PAR_A].offset, 7);
  assert_int_equal(l.param[PAR_Z].offset, 0);
  assert_int_equal(l.param[PAR_V].offset, 2);
  assert_true(l.param[PAR_V].local);
  assert_int_equal(l.param[PAR_V].shard_dim, 1);
  assert_int_equal(l.param[PAR_V].before, 3);
  assert_int_equal(l.param[PAR_V].after, 2);
  assert_int_equal(mst_layout_elements(&l), 11 + 7 * 8);
}

static void expect_at(const mst_layout *l, int64_t i, bool local, int64_t row, int64_t element) {
  int64_t r, e;
  assert_int_equal(mst_layout_from_stan(l, i, &r, &e), local);
  assert_int_equal(e, element);
  if (local) assert_int_equal(r, row);
}

static void test_stan_order(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  expect_at(&l, 0, false, 0, 0); /* w is stored as Stan orders it */
  expect_at(&l, 5, false, 0, 5);
  for (int n = 0; n < 7; n++) /* z, a matrix: all rows of column 0, then of column 1 */
    for (int k = 0; k < 2; k++) expect_at(&l, 6 + n + 7 * k, true, n, k);
  expect_at(&l, 20, false, 0, 6); /* s */
  expect_at(&l, 21, false, 0, 7); /* a */
  expect_at(&l, 24, false, 0, 10);
  for (int d = 0; d < 3; d++) /* v, an array: row-major, and [d][k] within a row */
    for (int n = 0; n < 7; n++)
      for (int k = 0; k < 2; k++) expect_at(&l, 25 + (d * 7 + n) * 2 + k, true, n, 2 + d * 2 + k);
}

/* Every element of the layout is met exactly once. */
static void test_stan_order_is_a_permutation(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  int seen[11 + 7 * 8] = {0};
  for (int64_t i = 0; i < mst_layout_elements(&l); i++) {
    int64_t r, e;
    bool local = mst_layout_from_stan(&l, i, &r, &e);
    seen[local ? 11 + r * 8 + e : e]++;
  }
  for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) assert_int_equal(seen[i], 1);
}

static void test_row_major(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  for (int d = 0; d < 3; d++)
    for (int k = 0; k < 2; k++)
      assert_int_equal(mst_layout_from_row_major(&l, PAR_W, d * 2 + k), d + 3 * k);
  for (int g = 0; g < 4; g++) assert_int_equal(mst_layout_from_row_major(&l, PAR_A, g), g);
}

static void test_nothing_sharded(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  f.m.shard = MASTING_NO_SIZE;
  f.m.ngathers = 0;
  f.m.rows = NULL;
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_ERR_MODEL);
  assert_non_null(strstr(err.message, "expected global, got NULL"));
  err = (mst_error){0};
  f.m.global = global;
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  assert_int_equal(l.n, 0);
  assert_int_equal(l.locals, 0);
  assert_int_equal(mst_layout_elements(&l), 6 + 14 + 1 + 4 + 42);
}

#define REFUSE(spoil, code, part)                                                                  \
  do {                                                                                             \
    static fixture f; /* large: a function has many of them */                                     \
    static mst_layout l;                                                                           \
    mst_error err = {0};                                                                           \
    make(&f);                                                                                      \
    spoil;                                                                                         \
    assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), code);                             \
    if (!strstr(err.message, part)) fail_msg("`%s` is not in `%s`", part, err.message);            \
  } while (0)
#define BROKEN(spoil, part) REFUSE(spoil, MASTING_ERR_MODEL, part)

static void test_refuses_model(void **state) {
  (void)state;
  BROKEN(f.m.abi = 99, "expected number 5, got 99");
  BROKEN(f.m.name = NULL, "no name");
  BROKEN(f.m.lanes = 3, "expected 1, 2, 4, 8 or 16, got 3");
  BROKEN(f.m.nsizes = MST_MAX_SIZES + 1, "number of sizes; expected 0 to 4096, got 4097");
  BROKEN(f.m.ndata = -1, "data variables");
  BROKEN(f.m.params = NULL, "no list");
  BROKEN(f.m.shard = 4, "sharded size; expected 0 to 3");
  BROKEN(f.m.rows = NULL, "expected rows, got NULL");
  BROKEN(f.sizes[1].name = "", "size 1 has no name");
  BROKEN(f.params[2].name = "x", "the name x is used twice");
}

static void test_refuses_shapes(void **state) {
  (void)state;
  BROKEN(f.data[1].ndims = 9, "data x: wrong number of dimensions; expected 0 to 8, got 9");
  BROKEN(f.data[1].dims[0] = 4, "data x: dimension 1 is no size; expected 0 to 3, got 4");
  BROKEN(f.data[1].dims[0] = N, "more than one dimension is the sharded size N");
  BROKEN(f.data[1].type = (masting_type)7, "data x: unknown type");
  BROKEN(f.data[1].lower = NAN, "no value is within its bounds");
  BROKEN(f.data[1].upper_size = 4, "upper_size is no size");
  BROKEN(f.params[1].dims[1] = -2, "parameter z: dimension 2 is no size");
  BROKEN(f.params[1].transform = (masting_transform)77, "parameter z: unknown transform 77");
  BROKEN(f.params[2].lower = -INFINITY, "parameter s: expected a finite lower bound");
  BROKEN((f.params[2].transform = MASTING_UPPER, f.params[2].upper = NAN),
         "parameter s: expected a finite upper bound");
  BROKEN(f.params[4].upper = 0, "parameter v: expected finite bounds with lower < upper");
  BROKEN(f.params[2].transform = MASTING_ORDERED, "ordered transform of a scalar");
  BROKEN(
      (f.params[1].transform = MASTING_ORDERED, f.params[1].dims[0] = K, f.params[1].dims[1] = N),
      "ordered along the sharded size N");
}

static void test_refuses_gathers(void **state) {
  (void)state;
  BROKEN(f.gathers[0].data = 2, "its index is no data variable");
  BROKEN(f.gathers[0].data = VAR_X, "gather by x: expected one MASTING_I32 a row");
  BROKEN(f.gathers[0].nparams = 17, "expected 1 to 16, got 17");
  BROKEN(f.gathers[0].params[0] = 5, "parameter 1 is not there");
  BROKEN(f.gathers[0].params[0] = PAR_W, "parameter w is column-major");
  BROKEN((f.gathers[0].nparams = 2, f.gathers[0].params[1] = PAR_W),
         "parameter w has another shape; expected G as its first dimension");
  BROKEN((f.gathers[0].nparams = 2, f.gathers[0].params[1] = PAR_A), "parameter a is picked twice");
}

static void test_refuses_sizes(void **state) {
  (void)state;
  REFUSE(f.values[0] = 0, MASTING_ERR_DATA, "size N: too small; expected at least 1, got 0");
  REFUSE((f.values[1] = INT64_C(1) << 40, f.values[2] = INT64_C(1) << 40), MASTING_ERR_DATA,
         "parameter w: too many elements");
  REFUSE(f.values[0] = INT64_C(1) << 60, MASTING_ERR_DATA, "too many row-local elements");
}

static void derive(void *state, const int64_t *size, const void *const *values_of,
                   const double *theta, const masting_derive *at, double *out) {
  (void)at;
  (void)state, (void)size, (void)values_of, (void)theta, (void)out;
}

static void test_derived(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  masting_param derived[] = {{.name = "ww", .ndims = 2, .dims = {D, D}}, {.name = "total"}};
  make(&f);
  f.m.derived = derived;
  f.m.nderived = 2;
  f.m.derive = derive;
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  assert_int_equal(l.outputs, 7);
  assert_int_equal(l.globals, 6 + 1 + 4); /* they are no parameters */
  assert_int_equal(l.derived, 9 + 1);
  assert_int_equal(l.param[5].offset, l.globals);
  assert_int_equal(l.param[6].offset, l.globals + 9);
  assert_string_equal(mst_layout_output(&l, 6)->name, "total");
  assert_int_equal(mst_layout_from_row_major(&l, 5, 4), 4);
}

static void test_refuses_derived(void **state) {
  (void)state;
  const struct {
    masting_param derived;
    bool function;
    const char *message;
  } cases[] = {
      {{.name = "u"},
       false,
       "model probe: derived quantities but no function for them; expected derive, got NULL; try "
       "comparing it with "
       "masting/model_abi.h"},
      {{.name = "u", .ndims = 1, .dims = {N}},
       true,
       "model probe: derived quantity u: it has the sharded size; expected a function of the "
       "global "
       "parameters; try comparing it with "
       "masting/model_abi.h"},
      {{.name = "u", .column_major = 1},
       true,
       "model probe: derived quantity u: column-major; expected row-major; try comparing it with "
       "masting/model_abi.h"},
      {{.name = "w"},
       true,
       "model probe: the name w is used twice; expected distinct names; try comparing it with "
       "masting/model_abi.h"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    fixture f;
    mst_layout l;
    mst_error err = {0};
    make(&f);
    f.m.derived = &cases[i].derived;
    f.m.nderived = 1;
    f.m.derive = cases[i].function ? derive : NULL;
    assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_ERR_MODEL);
    assert_string_equal(err.message, cases[i].message);
  }
}

static void prepare(void *state, int slot, const int64_t *size, const void *const *values_of,
                    const vreal *theta, vreal *out, vreal *normal) {
  (void)state, (void)slot, (void)size, (void)values_of, (void)theta, (void)out, (void)normal;
}

static void derive_rows(void *state, const masting_derive_block *block) {
  (void)state, (void)block;
}

static const masting_param shared[] = {{.name = "e", .ndims = 2, .dims = {G, K}}, {.name = "f"}};
static const masting_param row_derived[] = {
    {.name = "r", .ndims = 1, .dims = {N}},
    {.name = "q", .ndims = 3, .dims = {K, N, D}, .integer = 1}};

static void add_shared(fixture *f) {
  f->m.shared = shared;
  f->m.nshared = 2;
  f->m.prepare = prepare;
  f->m.global = global;
  f->m.row_derived = row_derived;
  f->m.nrow_derived = 2;
  f->m.derive_rows = derive_rows;
  f->gathers[0] = (masting_gather){VAR_G, 1, {0}};
}

static void test_shared(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  assert_int_equal(l.reduced, l.globals);
  assert_int_equal(l.stored, l.locals);
  add_shared(&f);
  f.params[1].hidden = 1;
  if (mst_layout_make(&l, &f.m, f.values, &err)) fail_msg("%s", err.message);
  assert_int_equal(l.shared, 4 * 2 + 1);
  assert_int_equal(l.reduced, l.shared);
  assert_int_equal(l.share[1].offset, 8);
  assert_int_equal(l.outputs, 7);
  assert_int_equal(l.row_derived, 1 + 6);
  assert_int_equal(l.param[5].offset, 0);
  assert_int_equal(l.param[6].offset, 1);
  assert_int_equal(l.param[6].before, 2);
  assert_int_equal(l.param[6].after, 3);
  assert_int_equal(l.stored, l.locals - l.param[1].elements + 7);
  assert_int_equal(mst_layout_row_width(&l, 1), l.locals);
  assert_int_equal(mst_layout_row_width(&l, 6), 7);
  assert_string_equal(mst_layout_output(&l, 6)->name, "q");
}

static void covariance(void *state, const int64_t *size, const void *const *values_of,
                       const double *inputs, int64_t row, int64_t col, int count, int cols,
                       double *out, int ld) {
  (void)state, (void)size, (void)values_of, (void)inputs, (void)row, (void)col, (void)count;
  (void)cols, (void)out, (void)ld;
}

static void slopes(void *state, const int64_t *size, const void *const *values_of,
                   const double *inputs, int64_t row, int64_t col, int count, int cols,
                   const double *weight, int ld, double *grad) {
  (void)state, (void)size, (void)values_of, (void)inputs, (void)row, (void)col, (void)count;
  (void)cols, (void)weight, (void)ld, (void)grad;
}

static masting_normal normals[2];

static void add_normals(fixture *f) {
  normals[0] = (masting_normal){.name = "f", .order = N, .covariance = covariance};
  normals[1] = (masting_normal){.name = "h",
                                .order = D,
                                .inputs = shared,
                                .ninputs = 2,
                                .covariance = covariance,
                                .slopes = slopes};
  f->m.normals = normals;
  f->m.nnormals = 2;
  f->m.prepare = prepare;
  f->m.global = global;
}

static void test_normals(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
  assert_int_equal(l.normals, 0);
  add_normals(&f);
  if (mst_layout_make(&l, &f.m, f.values, &err)) fail_msg("%s", err.message);
  assert_int_equal(l.reduced, l.globals);
  assert_int_equal(l.normal[0].order, 7);
  assert_int_equal(l.normal[0].inputs, 0);
  assert_int_equal(l.normal[1].offset, 7);
  assert_int_equal(l.normal[1].order, 3);
  assert_int_equal(l.normal[1].inputs, 4 * 2 + 1);
  assert_int_equal(l.normals, 7 + 3 + 9);
}

static void test_refuses_normals(void **state) {
  (void)state;
  BROKEN((add_normals(&f), f.m.normals = NULL), "a number of normals but no list of them");
  BROKEN((add_normals(&f), f.m.nnormals = 9), "wrong number of normals; expected 0 to 8, got 9");
  BROKEN((add_normals(&f), f.m.prepare = NULL), "expected prepare and global, got NULL");
  BROKEN((add_normals(&f), f.m.global = NULL), "expected prepare and global, got NULL");
  BROKEN((add_normals(&f), normals[1].name = ""), "a normal without a name");
  BROKEN((add_normals(&f), normals[1].order = 4),
         "normal h: its order is no size; expected 0 to 3");
  BROKEN((add_normals(&f), normals[1].inputs = NULL), "normal h: wrong number of inputs");
  BROKEN((add_normals(&f), normals[0].covariance = NULL), "normal f: a function is missing");
  BROKEN((add_normals(&f), normals[1].slopes = NULL), "normal h: a function is missing");
  BROKEN((add_normals(&f), normals[1].inputs = row_derived),
         "input of a normal r: it has the sharded");
  REFUSE((add_normals(&f), f.values[N] = INT64_C(1) << 31), MASTING_ERR_DATA,
         "normal f: too many rows for a matrix");
}

static void test_sizes_of_zero(void **state) {
  (void)state;
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  f.sizes[N].zero = f.sizes[G].zero = 1;
  f.sizes[K].computed = 1;
  f.values[N] = f.values[G] = f.values[K] = 0;
  if (mst_layout_make(&l, &f.m, f.values, &err)) fail_msg("%s", err.message);
  assert_int_equal(l.n, 0);
  assert_int_equal(l.param[PAR_W].elements, 0);
  assert_int_equal(mst_layout_elements(&l), l.globals);
}

/* A derived quantity may stand for a hidden parameter, and for no other. */
static void test_hidden_names(void **state) {
  (void)state;
  const masting_param same[] = {{.name = "s"}};
  fixture f;
  mst_layout l;
  mst_error err = {0};
  make(&f);
  f.m.derived = same;
  f.m.nderived = 1;
  f.m.derive = derive;
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_ERR_MODEL);
  assert_non_null(strstr(err.message, "the name s is used twice"));
  err = (mst_error){0};
  f.params[2].hidden = 1;
  assert_int_equal(mst_layout_make(&l, &f.m, f.values, &err), MASTING_OK);
}

static void test_refuses_abi2(void **state) {
  (void)state;
  BROKEN((add_shared(&f), f.m.prepare = NULL), "expected prepare, got NULL");
  BROKEN((add_shared(&f), f.m.global = NULL), "expected global, got NULL");
  BROKEN((add_shared(&f), f.m.derive_rows = NULL), "expected derive_rows, got NULL");
  BROKEN((add_shared(&f), f.gathers[0].params[0] = 1), "parameter f has another shape");
  BROKEN((add_shared(&f), f.gathers[0].params[0] = 2), "parameter 1 is not there; expected 0 to 1");
  BROKEN((add_shared(&f), f.m.shared = row_derived), "shared value r: it has the sharded size");
  BROKEN((add_shared(&f), f.m.row_derived = shared), "row-derived quantity e: without the sharded");
  BROKEN(f.m.nphases = 1, "1 phases but no function for them; expected phase_rows");
  BROKEN(f.sizes[N].computed = 1, "the sharded size N is computed");
  BROKEN(f.sizes[G].computed = 1, "data g: its upper_size G is computed");
  BROKEN(f.sizes[D].computed = 1, "data x: its size D is computed");
  BROKEN(f.data[1].made = 1, "data x: made but there is no phase to make it");
  BROKEN((f.data[1].made = 1, f.data[1].ndims = 1), "data x: made but without the sharded size");
  BROKEN(f.params[2].integer = 1, "parameter s: whole numbers");
  REFUSE((f.sizes[K].computed = 1, f.values[K] = -3), MASTING_ERR_DATA,
         "size K, which the model computes: expected at least 0, got -3");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shared),          cmocka_unit_test(test_sizes_of_zero),
      cmocka_unit_test(test_normals),         cmocka_unit_test(test_refuses_normals),
      cmocka_unit_test(test_hidden_names),    cmocka_unit_test(test_refuses_abi2),
      cmocka_unit_test(test_offsets),         cmocka_unit_test(test_stan_order),
      cmocka_unit_test(test_row_major),       cmocka_unit_test(test_stan_order_is_a_permutation),
      cmocka_unit_test(test_nothing_sharded), cmocka_unit_test(test_refuses_model),
      cmocka_unit_test(test_refuses_shapes),  cmocka_unit_test(test_refuses_gathers),
      cmocka_unit_test(test_refuses_sizes),   cmocka_unit_test(test_derived),
      cmocka_unit_test(test_refuses_derived)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
