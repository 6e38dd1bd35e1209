/* lang/compile.c -- see compile.h: the table of passes, and the driver, which runs them in order.
 *
 * The passes from `lower` to `cut` are run anew for each thing that the driver tries
 * (lang_attempt): with the covariances of normals distributed, then with one size after the
 * other cut over the ranks, at last with none. The first attempt that holds is the program; a
 * pass that returns false ends the attempt. */
#include "lang/compile.h"

#include <string.h>

#include "base/error.h"
#include "lang/check/check.h"
#include "lang/covariance/covariance.h"
#include "lang/diff/diff.h"
#include "lang/emit/emit.h"
#include "lang/ir/ir_print.h"
#include "lang/ir/ir_verify.h"
#include "lang/lower/lower.h"
#include "lang/optimise/optimise.h"
#include "lang/prelude/prelude.h"
#include "lang/shard/shard.h"
#include "lang/syntax/parse.h"

/* Builds with sanitizers verify always. */
#ifdef __SANITIZE_ADDRESS__
enum { VERIFY = 1 };
#else
enum { VERIFY = 0 };
#endif

typedef struct compilation {
  lang_context *c;
  const char *file_name, *model_name, *text;
  const mst_lang_options *options;
  mst_lang_result *result;
  unsigned holds; /* facts, below */
  ast_program *ast;
  ast_function *const *prelude;
  int nprelude;
  lang_attempt attempt; /* the one at hand */
  lang_whole whole;     /* parameters that its cut found to be needed whole */
  ir_program *program;  /* of the attempt */
  const char *report;   /* of the attempt: what is cut, or why not */
} compilation;

/* ---- the passes */

static bool parse(compilation *k) {
  const int file = mst_lang_source(k->c, k->file_name, k->text);
  k->ast = mst_parse(k->c, file, k->options->find_include, k->options->include_argument);
  return true;
}

static bool check(compilation *k) {
  mst_check(k->c, k->ast);
  return true;
}

static bool prelude(compilation *k) {
  k->prelude = mst_prelude(k->c, &k->nprelude);
  return true;
}

static bool lower(compilation *k) {
  k->program =
      mst_lower(k->c, k->ast, k->prelude, k->nprelude, k->model_name, k->options, &k->attempt);
  return true;
}

static bool copies(compilation *k) {
  mst_cut_copies(k->c, k->program);
  return true;
}

static bool constants(compilation *k) {
  mst_cut_constants(k->c, k->program);
  return true;
}

static bool load(compilation *k) {
  mst_cut_load_time(k->c, k->program);
  return true;
}

/* Marked normals leave the density. */
static bool covariance(compilation *k) {
  if (!k->attempt.mark_covariances) return true;
  return mst_covariance_extract(k->c, k->program, &k->report);
}

static bool sums(compilation *k) {
  mst_cut_sums(k->c, k->program);
  return true;
}

static bool cut(compilation *k) { return mst_cut(k->c, k->program, &k->whole, &k->report); }

static bool optimise(compilation *k) {
  if (k->options->optimise) mst_optimise_program(k->c, k->program);
  return true;
}

static bool diff(compilation *k) {
  mst_diff_program(k->c, k->program);
  return true;
}

static bool one_chain(compilation *k) {
  mst_covariance_one_chain(k->program);
  return true;
}

static bool emit(compilation *k) {
  k->result->c_text = mst_emit(k->c, k->program);
  return true;
}

/* Facts that hold of a compilation after a pass. */
enum {
  PARSED = 1 << 0,
  CHECKED = 1 << 1,
  PRELUDE = 1 << 2,
  LOWERED = 1 << 3,
  COPIED = 1 << 4,
  SUMMED_ONCE = 1 << 5,
  LOADED = 1 << 6,
  EXTRACTED = 1 << 7,
  ROW_SUMS = 1 << 8,
  CUT = 1 << 9,
  OPTIMISED = 1 << 10,
  DIFFERENTIATED = 1 << 11,
  ONE_CHAIN = 1 << 12,
  EMITTED = 1 << 13
};

static const char *const fact_name[] = {
    "parsed",    "checked",  "prelude", "lowered",   "copied",         "summed once", "loaded",
    "extracted", "row sums", "cut",     "optimised", "differentiated", "one chain",   "emitted"};

typedef struct pass {
  const char *name;
  bool (*run)(compilation *k); /* false: the attempt fails */
  unsigned needs, gives;
} pass;

static const pass passes[] = {
    {"parse", parse, 0, PARSED},
    {"check", check, PARSED, CHECKED},
    {"prelude", prelude, 0, PRELUDE},
    {"lower", lower, CHECKED | PRELUDE, LOWERED},
    {"copies", copies, LOWERED, COPIED},
    {"constants", constants, COPIED, SUMMED_ONCE},
    {"load", load, SUMMED_ONCE, LOADED},
    {"covariance", covariance, LOADED, EXTRACTED},
    {"sums", sums, EXTRACTED, ROW_SUMS},
    {"cut", cut, COPIED | LOADED | ROW_SUMS, CUT},
    {"optimise", optimise, CUT, OPTIMISED},
    {"diff", diff, OPTIMISED, DIFFERENTIATED},
    {"one-chain", one_chain, EXTRACTED | DIFFERENTIATED, ONE_CHAIN},
    {"emit", emit, DIFFERENTIATED | ONE_CHAIN, EMITTED},
};
enum { PASSES = sizeof passes / sizeof *passes };

/* ---- the driver */

static bool run_pass(compilation *k, const pass *p) {
  MST_ASSERT((k->holds & p->needs) == p->needs);
  if (p->gives == LOWERED) k->holds &= LOWERED - 1u; /* another program */
  if (!p->run(k)) return false;
  k->holds |= p->gives;
  if (k->program && p->gives >= LOWERED && (VERIFY || k->options->verify))
    mst_ir_verify(k->c, k->program, p->name);
  if (k->program && k->options->emit_ir && !strcmp(p->name, k->options->emit_ir))
    k->result->ir_text = mst_ir_text(k->c, k->program);
  return true;
}

/* The passes from the one that gives `first` to the one that gives `last`. */
static bool run_passes(compilation *k, unsigned first, unsigned last) {
  bool on = false;
  for (int i = 0; i < PASSES; i++) {
    on |= passes[i].gives == first;
    if (on && !run_pass(k, &passes[i])) return false;
    if (passes[i].gives == last) break;
  }
  return true;
}

static bool lower_for(compilation *k, lang_attempt attempt) {
  k->attempt = attempt;
  return run_passes(k, LOWERED, ROW_SUMS);
}

/* With the covariances of its normals of all rows distributed over the ranks; then nothing else is
 * cut. False: they cannot be. */
static bool distribute_covariances(compilation *k) {
  if (!lower_for(k, (lang_attempt){.none = true, .mark_covariances = true})) {
    k->report = mst_lang_format(
        k->c, "the covariance of a normal is not spread over the ranks: %s\n", k->report);
    return false;
  }
  const ir_program *p = k->program;
  const char *report = "";
  for (int i = 0; i < p->nnormals; i++)
    report = mst_lang_format(
        k->c, "%sline %d: the covariance of %s rows is spread over the ranks, by tiles\n", report,
        p->normal[i].loc.line, mst_ir_shown(k->c, p->normal[i].order));
  run_passes(k, CUT, CUT); /* of no size */
  k->report = report;
  return true;
}

static const char *reason(const char *report) {
  static const char before[] = "nothing is cut over the ranks: ";
  const char *s = strstr(report, before);
  return s ? s + strlen(before) : report;
}

/* Cuts the program; lowered again with what is found to be needed whole, until that is all. */
static bool cut_one(compilation *k) {
  lang_attempt attempt = k->attempt;
  k->whole = (lang_whole){0};
  attempt.whole = &k->whole;
  for (;;) {
    const int known = k->whole.count;
    if (run_passes(k, CUT, CUT)) return true;
    if (k->whole.count == known) return false;
    lower_for(k, attempt);
  }
}

/* The next thing to try when a size was not cut: with sizes that are equal in the data as different
 * ones, then the next size. False: there is none. */
static bool next_attempt(const compilation *k, lang_attempt *next) {
  const char *asked = k->options->size;
  if (!k->program->shard_size) return false;
  if (k->program->shard_also && !asked) {
    next->alone = true;
    return true;
  }
  if (asked) return false;
  next->alone = false;
  next->choice++;
  return true;
}

/* One size after the other, the best first, until one can be cut; at last none. */
static void cut_rows(compilation *k) {
  lang_attempt attempt = {0};
  const char *first = NULL, *size = "";
  for (;;) {
    if (cut_one(k) && k->program->shard_size) {
      if (first)
        k->report = mst_lang_format(k->c, "%snot cut over %s: %s", k->report, size, reason(first));
      return;
    }
    if (!first) {
      first = k->report;
      size = k->program->shard_size ? mst_ir_shown(k->c, k->program->shard_size) : "";
    }
    if (!next_attempt(k, &attempt)) break;
    lower_for(k, attempt);
  }
  if (k->program->shard_size) {
    lower_for(k, (lang_attempt){.none = true});
    run_passes(k, CUT, CUT);
  }
  k->report = first;
}

static void run(lang_context *c, void *argument) {
  compilation *k = argument;
  const mst_lang_options *o = k->options;
  const char *normals = ""; /* why covariances are not distributed */
  run_passes(k, PARSED, PRELUDE);
  lower_for(k, (lang_attempt){0});
  k->result->program = k->program;
  ir_program *plain = k->program;
  /* what is to be cut instead */
  const bool given = o->size && strcmp(o->size, "none") != 0;
  if (!plain->has_normals || given || !distribute_covariances(k)) {
    if (k->program != plain) normals = k->report;
    k->program = plain;
    k->attempt = (lang_attempt){0};
    k->holds |= ROW_SUMS | (ROW_SUMS - 1u);
    cut_rows(k);
    k->report = mst_lang_format(c, "%s%s", normals, k->report);
  }
  k->result->program = k->program;
  k->result->report = k->report;
  run_passes(k, OPTIMISED, EMITTED);
  for (int i = 0; i < k->program->ndata; i++)
    if (mst_emit_may_be_known(k->program, k->program->data[i]))
      MST_LANG_PUSH(c, k->result->known, k->result->nknown, k->program->data[i]->source_name);
}

bool mst_lang_compile(lang_context *c, const char *file_name, const char *model_name,
                      const char *text, const mst_lang_options *options, mst_lang_result *result) {
  compilation k = {.c = c,
                   .file_name = file_name,
                   .model_name = model_name,
                   .text = text,
                   .options = options,
                   .result = result};
  memset(result, 0, sizeof *result);
  return mst_lang_enter(c, run, &k);
}

/* ---- what there is */

const char *const *mst_lang_passes(void) {
  static const char *name[PASSES + 1];
  int n = 0;
  for (int i = 0; i < PASSES; i++)
    if (passes[i].gives >= LOWERED && passes[i].gives < EMITTED) name[n++] = passes[i].name;
  name[n] = NULL;
  return name;
}

static void print_facts(FILE *file, unsigned facts) {
  const char *between = " ";
  for (size_t i = 0; i < sizeof fact_name / sizeof *fact_name; i++) {
    if (!(facts >> i & 1)) continue;
    fprintf(file, "%s%s", between, fact_name[i]);
    between = ", ";
  }
}

void mst_lang_passes_print(FILE *file) {
  for (int i = 0; i < PASSES; i++) {
    fprintf(file, "%-10s ->", passes[i].name);
    print_facts(file, passes[i].gives);
    if (passes[i].needs) fputs("; needs", file);
    print_facts(file, passes[i].needs);
    fputc('\n', file);
  }
}
