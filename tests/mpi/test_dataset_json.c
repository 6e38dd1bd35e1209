/* Data in JSON: the same contents and hash as in HDF5, on all ranks though rank 0 alone reads;
 * and every message whole, the same on all ranks.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataset_toy.h"

static mst_comm comm;

typedef struct edit { /* what a file has in place of the toy's */
  const char *drop;   /* a variable that is left out */
  const char *add;    /* text before the first variable */
  int var;            /* element `element` of this variable (in the file's order) is `as` */
  int64_t element;
  const char *as; /* NULL: no such element */
} edit;

static const char *spell(double x, int style, char text[64]) {
  snprintf(text, 64, style == 0 ? "%.17g" : style == 1 ? "%.17e" : "%.3f", x);
  return text;
}

static void write_array(FILE *f, int var, const int64_t *n, const edit *e, int style) {
  const masting_data *d = &toy_model.data[var];
  const char *open[] = {"", "[", "[ [", "[[\n["}, *close[] = {"", "]", "]\t]", "]\r\n] ]"};
  char text[64];
  int64_t dims[3] = {1, 1, 1}, at = 0;
  for (int i = 0; i < d->ndims; i++) dims[3 - d->ndims + i] = n[d->dims[i]];
  for (int64_t i = 0; i < dims[0]; i++)
    for (int64_t j = 0; j < dims[1]; j++)
      for (int64_t k = 0; k < dims[2]; k++, at++) {
        int64_t index[3] = {i, j, k}, *first = index + 3 - d->ndims;
        double x = toy_value(var, d->ndims > 0 ? first[0] : 0, d->ndims > 1 ? first[1] : 0,
                             d->ndims > 2 ? first[2] : 0);
        int opens = !at ? d->ndims : k ? 0 : d->ndims < 2 ? 0 : j || d->ndims < 3 ? 1 : 2;
        if (at) fputs(opens ? "" : ", ", f);
        if (at && opens) fprintf(f, "%s,", opens == 1 ? "]" : "]]");
        fputs(at ? (opens == 2 ? "[[" : opens ? "[" : "") : open[d->ndims], f);
        fputs(e->as && e->var == var && e->element == at ? e->as : spell(x, style, text), f);
      }
  fputs(close[d->ndims], f);
}

static void write_json(const char *path, int64_t rows, const edit *e, int style) {
  const int64_t n[] = {rows, 3, 4, 2};
  FILE *f = fopen(path, "wb");
  if (!f) abort();
  fprintf(f, "%s{\n  %s%s\"K\": 2", style == 1 ? "\xef\xbb\xbf" : "", e->add ? e->add : "",
          e->add ? ",\n  " : "");
  for (int v = 0; v < toy_model.ndata; v++) {
    if (e->drop && !strcmp(e->drop, toy_model.data[v].name)) continue;
    fprintf(f, ",\n  \"%s\" : ", toy_model.data[v].name);
    write_array(f, v, n, e, style);
  }
  fputs("\n}\n", f);
  if (fclose(f) != 0) abort();
}

static void read_ok(mst_dataset *d, const char *path) {
  mst_error err = {0};
  mst_dataset_read(d, &comm, &toy_model, path, NULL, &err);
  if (err.status) fail_msg("%s: %s", path, err.message);
  MPI_Barrier(comm.mpi);
}

/* Ranks without the file are no worse for it. */
static void step_aside(bool away) {
  if (comm.rank == 1 && chdir(away ? "elsewhere" : "..") != 0) abort();
}

static void same_as_hdf5(void **state) {
  (void)state;
  const int64_t n[] = {1, 255, 257, 777, 32769};
  if (comm.rank == 0 && system("mkdir -p elsewhere") != 0) abort();
  for (int i = 0; i < 5; i++)
    for (int style = 0; style < 3; style++) {
      mst_dataset a, b;
      if (comm.rank == 0) {
        toy_write("data.h5", &(toy_file){.n = n[i], .type[TOY_X] = H5T_NATIVE_DOUBLE});
        write_json("data.json", n[i], &(edit){0}, style);
      }
      MPI_Barrier(comm.mpi);
      read_ok(&a, "data.h5");
      step_aside(true);
      read_ok(&b, "data.json");
      step_aside(false);
      assert_memory_equal(a.size, b.size, sizeof a.size);
      assert_memory_equal(a.type, b.type, sizeof a.type);
      assert_true(a.hash == b.hash);
      for (int v = 0; v < toy_model.ndata; v++) {
        int64_t bytes = (v == TOY_m   ? 48
                         : v == TOY_s ? 8
                         : v == TOY_c ? 16
                                      : 0) +
                        a.row_bytes[v] * a.shard.rows;
        assert_memory_equal(a.var[v], b.var[v], (size_t)bytes);
      }
      mst_dataset_free(&a);
      mst_dataset_free(&b);
      MPI_Barrier(comm.mpi);
    }
}

/* One number, spelt in many ways, arrives as strtod has it. */
static void spellings(void **state) {
  (void)state;
  static const char *const text[] = {"0",
                                     "-0.0",
                                     "1",
                                     "1e0",
                                     "10E-1",
                                     "0.1",
                                     "3.3",
                                     "5e-324",
                                     "2.2250738585072011e-308",
                                     "9.5",
                                     "0.1000000000000000055511151231257827021181583404541015625",
                                     "1e-400",
                                     "9.99999999999999999",
                                     "123456789012345678901234567890e-29",
                                     "9007199254740993e-15",
                                     "0.3e+1",
                                     "8.5e-0022",
                                     "7205759403792793600000e-21",
                                     "1.7976931348623157e0",
                                     "9223372036854775808e-18"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    mst_dataset d;
    char number[128];
    snprintf(number, sizeof number, "%s", text[i]);
    if (comm.rank == 0)
      write_json("data.json", 3, &(edit){.var = TOY_m, .element = 4, .as = number}, 0);
    MPI_Barrier(comm.mpi);
    read_ok(&d, "data.json");
    const double *m = d.var[TOY_m], x = strtod(text[i], NULL);
    assert_memory_equal(&m[4], &x, sizeof x);
    mst_dataset_free(&d);
  }
}

/* A model whose sizes may be 0. */
static void empty_arrays(void **state) {
  (void)state;
  static const masting_size sizes[] = {{.name = "N", .zero = 1}, {.name = "P", .zero = 1}};
#define FREE .lower = MASTING_NO_BOUND_BELOW, .upper = MASTING_NO_BOUND_ABOVE, .upper_size = -1
  static const masting_data data[] = {
      {.name = "X", .type = MASTING_F64, .ndims = 2, .dims = {0, 1}, FREE},
      {.name = "w", .type = MASTING_I32, .ndims = 1, .dims = {1}, FREE},
      {.name = "c", .type = MASTING_F64, .ndims = 3, .dims = {1, 1, 1}, FREE}};
  static const struct {
    const char *text;
    int64_t n, p;
    const char *message;
  } cases[] = {
      {"{\"N\": 0, \"P\": 2, \"X\": [], \"w\": [1, 2], \"c\": [[[1, 2], [3, 4]], [[5, 6], [7, "
       "8]]]}",
       0, 2, NULL},
      {"{\"X\": [[], [], []], \"w\": [], \"c\": []}", 3, 0, NULL},
      {"{\"N\": 3, \"P\": 0, \"X\": [], \"w\": [], \"c\": [[]]}", 3, 0, NULL},
      {"{\"X\": [], \"w\": [], \"c\": []}", 0, 0,
       "e.json: size N (no description) is not known; expected a number of that name; try --size "
       "N=VALUE"},
      {"{\"N\": 3, \"P\": 2, \"X\": [], \"w\": [1, 2], \"c\": []}", 0, 0,
       "e.json: X: wrong shape; expected X[N,P] with N = 3 since the file says N = 3, got [0]"},
      {"{\"N\": 3, \"P\": 1, \"X\": [[[]], [[]]], \"w\": [1], \"c\": []}", 0, 0,
       "e.json: X: wrong shape; expected X[N,P] with 2 dimensions, got [2, 1, 0]; try removing the "
       "dimensions of length 1"}};
  masting_model m = toy_model;
  m.sizes = sizes;
  m.nsizes = 2;
  m.shard = 0;
  m.data = data;
  m.ndata = 3;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mst_dataset d;
    mst_error err = {0};
    if (comm.rank == 0) {
      FILE *f = fopen("e.json", "wb");
      if (!f || fputs(cases[i].text, f) < 0 || fclose(f) != 0) abort();
    }
    MPI_Barrier(comm.mpi);
    mst_dataset_read(&d, &comm, &m, "e.json", NULL, &err);
    assert_string_equal(err.message, cases[i].message ? cases[i].message : "");
    if (!cases[i].message) {
      assert_int_equal(d.size[0], cases[i].n);
      assert_int_equal(d.size[1], cases[i].p);
    }
    mst_dataset_free(&d);
    MPI_Barrier(comm.mpi);
  }
}

typedef struct bad {
  const char *name;
  edit edit;
  const char *message;
  masting_status status;
} bad;

static const bad cases[] = {
    {"missing",
     {.drop = "t"},
     "data.json: there is no variable 't'; expected t[P,N], got K, X, c, g, m, s, u",
     MASTING_ERR_DATA},
    {"other case",
     {.drop = "X", .add = "\"x\": [1]"},
     "data.json: there is no variable 'X'; expected X[N,P], got K, c, g, m, s, t, u, x; did you "
     "mean 'x' "
     "(case matters)?",
     MASTING_ERR_DATA},
    {"not finite",
     {.var = TOY_X, .element = 421 * 3 + 1, .as = "\"-Inf\""},
     "data.json: X: 1 value is not finite; expected finite numbers, got X[422,2] = -inf (row 422, "
     "1-based)",
     MASTING_ERR_DATA},
    {"bare NaN",
     {.var = TOY_t, .element = 777 + 610, .as = "NaN"},
     "data.json: t: 1 value is not finite; expected finite numbers, got t[2,611] = nan (row 611, "
     "1-based)",
     MASTING_ERR_DATA},
    {"bare infinity",
     {.var = TOY_m, .element = 3, .as = "-Infinity"},
     "data.json: m: 1 value is not finite; expected finite numbers, got m[2,2] = -inf (1-based)",
     MASTING_ERR_DATA},
    {"fraction",
     {.var = TOY_g, .element = 700, .as = "2.5"},
     "data.json: g: 1 value is not a whole number; expected int, as the model declares it, got "
     "g[701] = "
     "2.5 (row 701, 1-based)",
     MASTING_ERR_DATA},
    {"too wide",
     {.var = TOY_c, .element = 1, .as = "4294967296"},
     "data.json: c: 1 value does not fit 32 bits; expected int, as the model declares it, got c[2] "
     "= "
     "4.2949673e+09 (1-based)",
     MASTING_ERR_DATA},
    {"beyond 64 bits",
     {.var = TOY_c, .element = 1, .as = "18446744073709551616"},
     "data.json: c: 1 value does not fit 32 bits; expected int, as the model declares it, got c[2] "
     "= "
     "1.84467441e+19 (1-based)",
     MASTING_ERR_DATA},
    {"index too large",
     {.var = TOY_g, .element = 776, .as = "5"},
     "data.json: g: 1 value is too large; expected at most G = 4, got g[777] = 5 (row 777, "
     "1-based)",
     MASTING_ERR_DATA},
    {"below",
     {.drop = "s", .add = "\"s\": 0"},
     "data.json: s: 1 value is too small; expected a value above 0, got s = 0",
     MASTING_ERR_DATA},
    {"transposed",
     {.drop = "m", .add = "\"m\": [[1, 2, 3], [4, 5, 6]]"},
     "data.json: m: wrong shape; expected m[P,K] with P = 3 since X has shape [777, 3], got [2, "
     "3]; it "
     "fits with its dimensions exchanged: is it transposed?",
     MASTING_ERR_DATA},
    {"a size that contradicts",
     {.add = "\"G\": 5"},
     "data.json: c: wrong shape; expected c[G] with G = 5 since the file says G = 5, got [4]",
     MASTING_ERR_DATA},
    {"vector for a scalar",
     {.drop = "s", .add = "\"s\": [1, 2]"},
     "data.json: s: wrong shape; expected s with 0 dimensions, got [2]; try removing the "
     "dimensions of "
     "length 1",
     MASTING_ERR_DATA},
    {"scalar for a vector",
     {.drop = "c", .add = "\"c\": 1"},
     "data.json: c: wrong shape; expected c[G] with 1 dimension, got a scalar; try reshaping it, a "
     "single "
     "column to [rows, 1]",
     MASTING_ERR_DATA},
    {"ragged",
     {.drop = "m", .add = "\"m\": [[1, 2],\n[3, 4],[5]]"},
     "data.json:3:10: m[3]: ragged array; expected 2 elements as in those before it, got 1",
     MASTING_ERR_DATA},
    {"ragged within",
     {.drop = "u", .add = "\"u\": [[[1]], [[2], [3]]]"},
     "data.json:2:25: u[2]: ragged array; expected 1 element as in those before it, got 2",
     MASTING_ERR_DATA},
    {"empty beside full",
     {.drop = "m", .add = "\"m\": [[], [1]]"},
     "data.json:2:15: m[2]: ragged array; expected 0 elements as in those before it, got 1",
     MASTING_ERR_DATA},
    {"number for an array",
     {.drop = "m", .add = "\"m\": [[1], 2]"},
     "data.json:2:14: m[2]: ragged array; expected an array as before it, got a number",
     MASTING_ERR_DATA},
    {"array for a number",
     {.drop = "m", .add = "\"m\": [1, [2]]"},
     "data.json:2:12: m[2]: ragged array; expected a number as before it, got an array",
     MASTING_ERR_DATA},
    {"nine dimensions",
     {.drop = "c", .add = "\"c\": [[[[[[[[[1]]]]]]]]]"},
     "data.json:2:16: c[1,1,1,1,1,1,1,1]: too many dimensions; expected at most 8",
     MASTING_ERR_DATA},
    {"boolean",
     {.var = TOY_c, .element = 2, .as = "true"},
     "data.json:SEE: c[3]: wrong type; expected a number, got a boolean; try 1 and 0",
     MASTING_ERR_DATA},
    {"null",
     {.drop = "c", .add = "\"c\": [1, null]"},
     "data.json:2:12: c[2]: missing value; expected a number, got null",
     MASTING_ERR_DATA},
    {"NA",
     {.drop = "c", .add = "\"c\": [\"NA\", \"x\"]"},
     "data.json:2:9: c[1]: wrong type; expected a number, got the text \"NA\"; missing values are "
     "not read",
     MASTING_ERR_DATA},
    {"text",
     {.drop = "s", .add = "\"s\": \"a\\u00e9\\n\\\"\""},
     "data.json:2:8: s: wrong type; expected a number, got the text \"a\xc3\xa9\n\"\"",
     MASTING_ERR_DATA},
    {"tuple",
     {.drop = "c", .add = "\"c\": [{\"1\": [2, {}], \"2\": null}]"},
     "data.json:2:19: c:1[1,2]: wrong type; expected a number as before it, got an object",
     MASTING_ERR_DATA},
    {"object",
     {.drop = "c", .add = "\"c\": [{\"one\": [2, {}], \"2\": null}]"},
     "data.json:2:10: c[1]: wrong type; expected a number or a tuple, {\"1\": ..., \"2\": ...}, "
     "got "
     "an object",
     MASTING_ERR_DATA},
    {"component twice",
     {.drop = "c", .add = "\"c\": [{\"1\": [2, 3], \"1\": 4}]"},
     "data.json:2:23: c[1]: wrong type; expected a number or a tuple, {\"1\": ..., \"2\": ...}, "
     "got "
     "an object",
     MASTING_ERR_DATA},
    {"beyond double",
     {.drop = "s", .add = "\"s\": 1e309"},
     "data.json:2:8: s: too large; expected a number that a double holds (up to 1.8e308)",
     MASTING_ERR_DATA},
    {"a size as text",
     {.add = "\"G\": \"4\"", .drop = "c"},
     "data.json:2:8: G: wrong type; expected a number, got the text \"4\"",
     MASTING_ERR_DATA},
    {"a size that is no whole number",
     {.add = "\"G\": 3.5", .drop = "c"},
     "data.json: G: the value is not a whole number; expected a size, got 3.5",
     MASTING_ERR_DATA},
    {"a size beyond all counting",
     {.add = "\"G\": 1e23"},
     "data.json: G: the value does not fit 53 bits; expected a size, got 1e+23",
     MASTING_ERR_DATA},
    {"a size that is an array",
     {.add = "\"G\": [4, 4]"},
     "data.json: G: it is no single number; expected a size, which is a whole number",
     MASTING_ERR_DATA},
    {"a size that is infinite",
     {.add = "\"G\": \"Inf\""},
     "data.json: G: the value does not fit 53 bits; expected a size, got inf",
     MASTING_ERR_DATA},
    {"twice",
     {.add = "\"s\": 1"},
     "data.json:SEE: s: it is there twice; expected each name once",
     MASTING_ERR_DATA},
    {"twice refused",
     {.add = "\"s\": null, \"s\": 2"},
     "data.json:2:14: s: it is there twice; expected each name once",
     MASTING_ERR_DATA},
    {"no comma",
     {.add = "\"a\": [1 2]"},
     "data.json:2:11: not JSON; expected ',' or ']', got '2'",
     MASTING_ERR_FORMAT},
    {"comma too many",
     {.add = "\"a\": [1, ]"},
     "data.json:2:12: not JSON; expected a value, got ']'",
     MASTING_ERR_FORMAT},
    {"comma alone",
     {.add = "\"a\": [,]"},
     "data.json:2:9: not JSON; expected a value, got ','",
     MASTING_ERR_FORMAT},
    {"two commas",
     {.add = "\"a\": 1,"},
     "data.json:2:10: not JSON; expected a name in quotes, got ','",
     MASTING_ERR_FORMAT},
    {"no colon",
     {.add = "\"a\" 1"},
     "data.json:2:7: not JSON; expected ':', got '1'",
     MASTING_ERR_FORMAT},
    {"no quotes",
     {.add = "a: 1"},
     "data.json:2:3: not JSON; expected a name in quotes, got 'a'",
     MASTING_ERR_FORMAT},
    {"plus",
     {.add = "\"a\": +1"},
     "data.json:2:8: not JSON; expected a value, got '+'",
     MASTING_ERR_FORMAT},
    {"leading zero",
     {.add = "\"a\": 012"},
     "data.json:2:8: not JSON; expected a value, got '0'",
     MASTING_ERR_FORMAT},
    {"point alone",
     {.add = "\"a\": 1."},
     "data.json:2:8: not JSON; expected a value, got '1'",
     MASTING_ERR_FORMAT},
    {"unknown word",
     {.add = "\"a\": [1, None]"},
     "data.json:2:12: not JSON; expected a value, got 'N'",
     MASTING_ERR_FORMAT},
    {"comment",
     {.add = "// data"},
     "data.json:2:3: not JSON; expected a name in quotes, got '/'",
     MASTING_ERR_FORMAT},
    {"line in a text",
     {.add = "\"a\nb\": 1"},
     "data.json:2:5: not JSON; expected '\"' at the end of a text, got the end of the line",
     MASTING_ERR_FORMAT},
    {"escape",
     {.add = "\"\\x\": 1"},
     "data.json:2:5: not JSON; expected an escape (one of \"\\/bfnrtu), "
     "got 'x'",
     MASTING_ERR_FORMAT},
    {"code",
     {.add = "\"\\u12g4\": 1"},
     "data.json:2:8: not JSON; expected four hexadecimal digits, got 'g'",
     MASTING_ERR_FORMAT},
    {"in what is not asked for",
     {.add = "\"a/b\": [1, {\"c\": [1, tru]}]"},
     "data.json:2:24: not JSON; expected a value, got 't'",
     MASTING_ERR_FORMAT},
    {"after the object",
     {.drop = "c", .add = "\"c\": [1, 2, 3, 4]}  7"},
     "data.json:2:23: not JSON; expected nothing after the object, got '7'",
     MASTING_ERR_FORMAT},
};

static void refused(const bad *b, const char *message) {
  mst_dataset d;
  mst_error err = {0};
  mst_dataset_read(&d, &comm, &toy_model, "data.json", NULL, &err);
  const char *see = strstr(message, "SEE");
  if (see) { /* where it is depends on the toy's numbers: that part is any */
    assert_memory_equal(err.message, message, (size_t)(see - message));
    const char *rest = strchr(err.message, ' ');
    assert_non_null(rest);
    assert_string_equal(rest, strchr(see, ' '));
  } else {
    assert_string_equal(err.message, message);
  }
  assert_int_equal(err.status, b->status);
  mst_dataset_free(&d);
  MPI_Barrier(comm.mpi);
}

static void one_case(void **state) {
  const bad *b = *state;
  if (comm.rank == 0) write_json("data.json", 777, &b->edit, 0);
  MPI_Barrier(comm.mpi);
  refused(b, b->message);
}

/* Cut anywhere, it is not JSON: never a crash, never half of the data. */
static void cut_anywhere(void **state) {
  (void)state;
  long bytes = 0;
  if (comm.rank == 0) {
    write_json("data.json", 2,
               &(edit){.add = "\"a\": [true, {\"b\\n\": \"\\u0041\"}, -Infinity, 1.5e3]"}, 0);
    FILE *f = fopen("data.json", "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0 || (bytes = ftell(f)) < 0) abort();
    fclose(f);
  }
  MPI_Bcast(&bytes, 1, MPI_LONG, 0, comm.mpi);
  for (long n = bytes - 2; n > 3; n -= comm.size > 1 ? 7 : 1) {
    mst_dataset d;
    mst_error err = {0};
    if (comm.rank == 0 && truncate("data.json", n) != 0) abort();
    MPI_Barrier(comm.mpi);
    mst_dataset_read(&d, &comm, &toy_model, "data.json", NULL, &err);
    assert_int_equal(err.status, MASTING_ERR_FORMAT);
    mst_dataset_free(&d);
    MPI_Barrier(comm.mpi);
  }
}

/* What is wrong in what nobody asks for does not matter. */
static void others_are_left_alone(void **state) {
  (void)state;
  mst_dataset d;
  if (comm.rank == 0)
    write_json(
        "data.json", 300,
        &(edit){.add =
                    "\"_comment\": \"\\ud83c\\udf30\", \"a\": [[1], 2, {\"b\": [true]}], \"\": 1, "
                    "\"b/c\": [null], \"A\": [[[[[[[[[[]]]]]]]]]]"},
        0);
  MPI_Barrier(comm.mpi);
  read_ok(&d, "data.json");
  assert_int_equal(d.size[TOY_N], 300);
  mst_dataset_free(&d);
}

int main(int argc, char **argv) {
  (void)argc;
  (void)argv;
  enum { CASES = sizeof cases / sizeof *cases };
  struct CMUnitTest tests[CASES + 5] = {
      cmocka_unit_test(same_as_hdf5), cmocka_unit_test(spellings), cmocka_unit_test(empty_arrays),
      cmocka_unit_test(cut_anywhere), cmocka_unit_test(others_are_left_alone)};
  for (int i = 0; i < CASES; i++)
    tests[5 + i] = (struct CMUnitTest){.name = cases[i].name,
                                       .test_func = one_case,
                                       .initial_state = (void *)(uintptr_t)&cases[i]};
  mst_error err = {0};
  if (mst_comm_begin(&comm, &err) != MASTING_OK) {
    mst_error_print(&err);
    return 1;
  }
  toy_enter(&comm);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  toy_leave(&comm);
  mst_comm_end(&comm);
  return failed;
}
