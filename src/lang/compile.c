/* lang/compile.c -- see compile.h. */
#include "lang/compile.h"

#include <string.h>

#include "lang/check/check.h"
#include "lang/emit/emit.h"
#include "lang/lower/lower.h"
#include "lang/optimise/optimise.h"
#include "lang/shard/shard.h"
#include "lang/covariance/covariance.h"

typedef struct job {
  const char *file_name, *model_name, *text;
  const mst_lang_options *options;
  mst_lang_result *result;
} job;

static ir_program *until_load(lang_context *c, const ast_program *ast, const job *j,
                              const lang_cut *cut) {
  ir_program *p = mst_lower(c, ast, j->model_name, cut);
  mst_cut_copies(c, p);
  mst_cut_constants(c, p);
  mst_cut_load_time(c, p);
  return p;
}

static ir_program *lowered(lang_context *c, const ast_program *ast, const job *j,
                           const lang_cut *cut) {
  ir_program *p = until_load(c, ast, j, cut);
  mst_cut_sums(c, p);
  return p;
}

/* With the covariances of its normals of all rows spread over the ranks; then nothing else is
 * cut. NULL: they cannot be. */
static ir_program *spread_over(lang_context *c, const ast_program *ast, const job *j,
                               const char **report) {
  lang_cut cut = j->options->cut;
  cut.size = "none";
  cut.spread = true;
  ir_program *p = until_load(c, ast, j, &cut);
  if (!mst_covariance_extract(c, p, report)) {
    *report = mst_lang_format(c, "the covariance of a normal is not spread over the ranks: %s\n",
                              *report);
    return NULL;
  }
  mst_cut_sums(c, p);
  *report = "";
  for (int i = 0; i < p->nnormals; i++)
    *report = mst_lang_format(
        c, "%sline %d: the covariance of %s rows is spread over the ranks, by tiles\n", *report,
        p->normal[i].loc.line, mst_ir_shown(c, p->normal[i].order));
  return p;
}

static const char *reason(const char *report) {
  static const char before[] = "nothing is cut over the ranks: ";
  const char *s = strstr(report, before);
  return s ? s + strlen(before) : report;
}

/* Cuts *p; lowered again with what is found to be needed whole, until that is all. */
static bool cut_one(lang_context *c, const ast_program *ast, const job *j, lang_cut cut,
                    ir_program **p, const char **report) {
  lang_whole whole = {0};
  cut.whole = &whole;
  for (;;) {
    const int known = whole.count;
    if (mst_cut(c, *p, &whole, report)) return true;
    if (whole.count == known) return false;
    *p = lowered(c, ast, j, &cut);
  }
}

/* The sizes in turn, the best first, until one can be cut; with those that are equal in the
 * data, then alone. */
static ir_program *cut_rows(lang_context *c, const ast_program *ast, const job *j, ir_program *p) {
  lang_cut cut = j->options->cut;
  const char *first = NULL, *report, *size = "";
  for (;;) {
    if (cut_one(c, ast, j, cut, &p, &report) && p->shard_size) {
      j->result->report = report;
      if (first)
        j->result->report =
            mst_lang_format(c, "%snot cut over %s: %s", report, size, reason(first));
      return p;
    }
    if (!first) {
      first = report;
      size = p->shard_size ? mst_ir_shown(c, p->shard_size) : "";
    }
    if (!p->shard_size) break;
    if (p->shard_also && !cut.size) {
      cut.alone = true;
    } else {
      if (cut.size) break;
      cut.alone = false;
      cut.attempt++;
    }
    p = lowered(c, ast, j, &cut);
  }
  j->result->report = first;
  return p->shard_size ? lowered(c, ast, j, &(lang_cut){.size = "none"}) : p;
}

static void run(lang_context *c, void *argument) {
  const job *j = argument;
  const mst_lang_options *o = j->options;
  int file = mst_lang_source(c, j->file_name, j->text);
  ast_program *ast = mst_parse(c, file, o->find_include, o->include_argument);
  mst_check(c, ast);
  if (o->stop_after == 1) return;
  ir_program *p = lowered(c, ast, j, &o->cut);
  j->result->program = p;
  if (o->stop_after == 2) return;
  const char *normals = ""; /* what is said of them */
  /* what is to be cut instead */
  const bool given = o->cut.size && strcmp(o->cut.size, "none") != 0;
  ir_program *spread = p->has_normals && !given ? spread_over(c, ast, j, &normals) : NULL;
  if (spread) {
    p = spread;
    j->result->report = normals;
  } else {
    p = cut_rows(c, ast, j, p);
    if (*normals) j->result->report = mst_lang_format(c, "%s%s", normals, j->result->report);
  }
  j->result->program = p;
  if (o->stop_after == 3) return;
  if (o->optimise) {
    mst_optimise(c, p, &p->setup);
    mst_optimise(c, p, &p->density);
    mst_optimise(c, p, &p->rows);
    for (int i = 0; i < p->nphases; i++) mst_optimise(c, p, &p->phase[i].rows);
    for (int i = 0; i < p->nnormals; i++) {
      mst_optimise(c, p, &p->normal[i].covariance);
      mst_optimise(c, p, &p->normal[i].slopes);
    }
  }
  j->result->c_text = mst_emit(c, p);
  for (int i = 0; i < p->ndata; i++) {
    const ir_var *v = p->data[i];
    if (v->type == IR_INT && v->ndims == 0 && v->source_name && v != p->shard_size)
      MST_LANG_PUSH(c, j->result->known, j->result->nknown, v->source_name);
  }
}

bool mst_lang_compile(lang_context *c, const char *file_name, const char *model_name,
                      const char *text, const mst_lang_options *options, mst_lang_result *result) {
  job j = {file_name, model_name, text, options, result};
  memset(result, 0, sizeof *result);
  return mst_lang_enter(c, run, &j);
}
