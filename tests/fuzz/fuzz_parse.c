/* fuzz_parse ITERATIONS SEED FILE.stan ... -- spoils programs and parses them.
 *
 * Each iteration takes one of the files, changes it in one to eight ways and parses it. What must
 * hold: no overrun, no undefined behaviour, no leak (the sanitizers that this is built with see to
 * it); a refusal has a whole message; an expression that was accepted is shown as text that parses
 * to the same expression. Iteration i depends on the seed and i alone. When something is wrong the
 * program that did it goes to standard error, and the exit status is not 0. Not collective; no MPI.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/syntax/parse.h"
#include "lang/syntax/scan.h"

#define LONGEST 20000 /* bytes of a spoilt program */
#define SHOWN_DEEPEST 200
#define HANG 60 /* seconds */

typedef struct piece {
  const char *text;
  size_t bytes;
} piece;

static piece *corpus;
static int ncorpus;
static uint64_t random_state;
static char program[2 * LONGEST + 1];
static size_t used;
static long iteration;

const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "abort_on_error=1"; }

static void blame(int number) {
  char head[80];
  int n = snprintf(head, sizeof head, "fuzz_parse: signal %d at iteration %ld of:\n", number,
                   iteration);
  if (write(2, head, (size_t)n) < 0 || write(2, program, used) < 0) _exit(2);
  _exit(1);
}

static _Noreturn void wrong(const char *what, const char *detail) {
  fprintf(stderr, "fuzz_parse: %s: %s\n", what, detail);
  blame(0);
  exit(1);
}

/* ---- random numbers: splitmix64 (Steele, Lea and Flood 2014) ---- */

static uint64_t word(void) {
  uint64_t z = (random_state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static size_t below(size_t n) { return n ? (size_t)(word() % n) : 0; }

/* ---- changes ---- */

static void replace(size_t at, size_t bytes, const char *by, size_t n) {
  if (at > used) at = used;
  if (bytes > used - at) bytes = used - at;
  if (used - bytes + n > LONGEST) return;
  memmove(program + at + n, program + at + bytes, used - at - bytes);
  memcpy(program + at, by, n);
  used = used - bytes + n;
  program[used] = '\0';
}

/* Words, signs and characters of the language and beyond it. */
static const char *spice(void) {
#define LANG_X(name, spelling) spelling,
  static const char *const words[] = {LANG_PUNCTUATION(LANG_X) LANG_KEYWORDS(LANG_X) "transformed",
                                      "generated",
                                      "quantities",
                                      "T",
                                      "x",
                                      "T[",
                                      "1",
                                      "1.",
                                      ".5",
                                      "1e9",
                                      "2i",
                                      "1_0",
                                      ".1.2",
                                      "99999999999",
                                      "1e999",
                                      "\"s\"",
                                      "\"",
                                      "/*",
                                      "*/",
                                      "//",
                                      "#",
                                      "\n",
                                      "<-",
                                      "#include modern.stan\n",
                                      "#include \"old.stan\"",
                                      "\xE2\x88\x92",
                                      "\xCE\xBC",
                                      "\xFF",
                                      "\xE2",
                                      "\x01",
                                      "get_lp()",
                                      "if_else(1,2,3)",
                                      "increment_log_prob(1);",
                                      "target += 1;",
                                      "model {",
                                      "array[2] ",
                                      "tuple(",
                                      "real x;",
                                      "lower=",
                                      "x__",
                                      " "};
#undef LANG_X
  return words[below(sizeof words / sizeof *words)];
}

static void repeat_piece(void) {
  char copy[64];
  size_t at = below(used), n = 1 + below(12);
  if (n > used - at) n = used - at;
  memcpy(copy, program + at, n);
  for (size_t times = below(8) ? below(20) : below(1500); times > 0; times--)
    replace(at, 0, copy, n);
}

static void change(void) {
  const piece *other = &corpus[below((size_t)ncorpus)];
  size_t at = below(used + 1), from = below(other->bytes), n = below(other->bytes - from);
  const char *words = spice();
  switch (below(8)) {
  case 0: /* drop a piece */
    replace(at, below(8) ? below(12) : below(400), "", 0);
    break;
  case 1:
  case 2:
    replace(at, 0, words, strlen(words));
    break;
  case 3:
    replace(at, 1 + below(6), words, strlen(words));
    break;
  case 4: /* a piece of a program */
    replace(at, below(40), other->text + from, below(4) && n > 60 ? 60 : n);
    break;
  case 5:
    if (at < used) program[at] = (char)(1 + below(255));
    break;
  case 6:
    repeat_piece();
    break;
  default: /* cut short */
    if (below(3) == 0) replace(at, used, "", 0);
    break;
  }
}

/* ---- parsing ---- */

static const char *include(lang_context *c, const char *name, void *argument) {
  (void)argument;
  return strstr(name, "none") ? NULL : mst_lang_copy(c, corpus[0].text, corpus[0].bytes);
}

typedef struct job {
  int file;
  ast_program *program;
} job;

static void parse(lang_context *c, void *argument) {
  job *j = argument;
  j->program = mst_parse(c, j->file, include, NULL);
}

static void check_message(const lang_context *c) {
  const char *e = c->error;
  if (!e || !*e) wrong("a refusal without a message", "");
  if (!strstr(e, "; expected ") && !strstr(e, "; try ")) wrong("nothing is expected", e);
  const char *line = strchr(e, '\n');
  if (!line || !strstr(line, "^")) wrong("a message without its line", e);
}

/* What is shown parses to an expression that is shown the same. */
static void check_shown(lang_context *c, const ast_expr *e) {
  if (!e || e->height > SHOWN_DEEPEST) return;
  const char *shown = mst_ast_show(c, e);
  lang_context again = {0};
  const char *text = mst_lang_format(&again, "model { x = %s; }", shown);
  job j = {.file = mst_lang_source(&again, "shown", text)};
  if (!mst_lang_enter(&again, parse, &j)) wrong("what is shown is refused", again.error);
  const char *twice = mst_ast_show(&again, j.program->model->stmt[0]->rhs);
  if (strcmp(shown, twice) != 0) wrong("shown twice it differs", twice);
  mst_lang_free(&again);
}

static void check_statement(lang_context *c, const ast_stmt *s) {
  if (!s) return;
  const ast_expr *own[] = {s->lhs, s->rhs, s->cond, s->low, s->high};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) check_shown(c, own[i]);
  if (s->kind == AST_TILDE)
    for (int i = 0; i < s->nargs; i++) check_shown(c, s->arg[i]);
  if (s->decl) check_shown(c, s->decl->init);
  check_statement(c, s->body);
  check_statement(c, s->other);
  for (int i = 0; i < s->nstmts; i++) check_statement(c, s->stmt[i]);
}

static bool try_program(void) {
  lang_context c = {0};
  job j = {.file = mst_lang_source(&c, "spoilt.stan", program)};
  bool done = mst_lang_enter(&c, parse, &j);
  if (done) {
    const ast_stmt *blocks[] = {j.program->data,        j.program->tdata, j.program->parameters,
                                j.program->tparameters, j.program->model, j.program->generated};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) check_statement(&c, blocks[i]);
    for (int i = 0; i < j.program->nfunctions; i++)
      check_statement(&c, j.program->function[i]->body);
  } else {
    check_message(&c);
  }
  mst_lang_free(&c);
  return done;
}

static void read_file(const char *name, piece *to) {
  FILE *f = fopen(name, "rb");
  char *text = malloc(LONGEST + 1);
  if (!f || !text) {
    fprintf(stderr, "fuzz_parse: cannot read %s\n", name);
    exit(2);
  }
  to->bytes = fread(text, 1, LONGEST, f);
  text[to->bytes] = '\0';
  to->text = text;
  fclose(f);
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: fuzz_parse ITERATIONS SEED FILE.stan ...\n");
    return 2;
  }
  long iterations = atol(argv[1]), seed = atol(argv[2]), accepted = 0;
  ncorpus = argc - 3;
  corpus = calloc((size_t)ncorpus, sizeof *corpus);
  if (!corpus) return 2;
  for (int i = 0; i < ncorpus; i++) read_file(argv[3 + i], &corpus[i]);
  signal(SIGABRT, blame);
  signal(SIGALRM, blame);
  for (iteration = 0; iteration < iterations; iteration++) {
    random_state = (uint64_t)seed << 40 ^ (uint64_t)iteration;
    const piece *from = &corpus[below((size_t)ncorpus)];
    memcpy(program, from->text, from->bytes + 1);
    used = from->bytes;
    for (size_t n = below(9); n > 0; n--) change();
    used = strlen(program);
    alarm(HANG);
    accepted += try_program();
  }
  printf("%ld programs, %ld accepted\n", iterations, accepted);
  for (int i = 0; i < ncorpus; i++) free((char *)(uintptr_t)corpus[i].text);
  free(corpus);
  return 0;
}
