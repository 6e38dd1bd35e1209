/* cli/cmd_compile.c -- `masting compile MODEL`: a model in Stan or in C becomes a model.so for
 * `sample`.
 *
 * The file is compiled once for each lane width by the system's C compiler and linked into one
 * shared object. Needs no MPI: run it on a login node.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/options.h"
#include "lang/check/check.h"
#include "lang/compile.h"
#include "model/build.h"

#define LAST_PASS "one-chain" /* what the C is written from */

typedef struct compile_options {
  mst_build_options build;
  const char *out;
  int verbose, emit_c, explain, functions, passes;
  int emit_ir; /* index of mst_lang_passes; -1: not */
} compile_options;

/* MODEL.so beside where we are, for MODEL.c and MODEL.stan; refuses what is neither. */
static masting_status output_name(const char *source, char *out, size_t size, mst_error *err) {
  const char *base = strrchr(source, '/');
  base = base ? base + 1 : source;
  size_t n = strlen(base), ending = mst_is_stan(source) ? 5 : 2;
  if (n <= ending || (ending == 2 && strcmp(base + n - 2, ".c") != 0))
    return mst_fail(err, MASTING_ERR_MODEL,
                    "%s: neither Stan nor C; expected a model whose name ends in .stan or .c; "
                    "docs/models-in-c.md shows how to write one in C",
                    source);
  if (access(source, R_OK) != 0)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot open: %s", source, strerror(errno));
  snprintf(out, size, "%.*s.so", (int)(n - ending), base);
  return MASTING_OK;
}

/* The generated C goes beside the output while it is compiled; it stays where that fails. */
static masting_status compile_text(const mst_built *built, const char *out,
                                   const mst_cc_options *cc, mst_error *err) {
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s.XXXXXX.c", out);
  int fd = mkstemps(path, 2);
  FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
  bool written = f && fputs(built->c_text, f) >= 0;
  if (f && fclose(f) != 0) written = false;
  if (written)
    mst_cc(path, out, cc, err);
  else
    mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s", out, strerror(errno));
  if (fd >= 0 && err->status != MASTING_ERR_MODEL) unlink(path);
  return err->status;
}

/* Text is printed and nothing is compiled. */
static bool is_text_only(const compile_options *o) {
  return o->emit_c || o->explain || o->emit_ir >= 0;
}

static masting_status from_stan(const char *source, const char *out, const compile_options *o,
                                mst_error *err) {
  mst_built built;
  mst_cc_options cc = o->build.cc;
  if (mst_build_translate(source, &o->build, &built, err) == MASTING_OK) {
    if (built.one_lane) cc.widths = 1;
    cc.stan = source;
    if (o->explain) fputs(built.report, stdout);
    if (built.ir_text) fputs(built.ir_text, stdout);
    if (o->emit_c) fputs(built.c_text, stdout);
    if (o->explain && built.one_lane)
      puts("chains run one by one: what is computed depends on parameters (if, while, an index)");
    if (!is_text_only(o)) compile_text(&built, out, &cc, err);
  }
  mst_built_free(&built);
  return err->status;
}

static masting_status compile(const char *source, const compile_options *o, mst_error *err) {
  char out[PATH_MAX];
  if (output_name(source, out, sizeof out, err) != MASTING_OK) return err->status;
  if (o->out) snprintf(out, sizeof out, "%s", o->out);
  if (is_text_only(o) && !mst_is_stan(source))
    return mst_fail(err, MASTING_ERR_USAGE,
                    "%s: --emit-c, --emit-ir and --explain are for Stan programs", source);
  if (mst_is_stan(source))
    from_stan(source, out, o, err);
  else
    mst_cc(source, out, &o->build.cc, err);
  if (err->status == MASTING_OK && !is_text_only(o))
    fprintf(stderr, "masting: wrote %s; next: masting check %s%s DATA\n", out,
            strchr(out, '/') ? "" : "./", out);
  return err->status;
}

/* --emit-ir may stand without its value. */
static void complete_emit_ir(int argc, const char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (!strcmp(argv[i], "--emit-ir")) argv[i] = "--emit-ir=" LAST_PASS;
}

int cmd_compile(int argc, const char **argv) {
  compile_options o = {.emit_ir = -1, .build.lang.distribute_from = MST_COVARIANCE_DIST_FROM};
  mst_cc_options *cc = &o.build.cc;
  mst_opt table[] = {
      {"out", 'o', MST_OPT_TEXT, &o.out, 0, 0, NULL, "FILE", "MODEL.so", "where it goes", false},
      MST_ROW_SHARD(&o.build.lang.size),
      MST_ROW_COVARIANCE(&o.build.lang.distribute_from),
      {"explain", 0, MST_OPT_FLAG, &o.explain, 0, 0, NULL, NULL, NULL,
       "print what is cut over the ranks and why, and compile nothing", false},
      {"emit-c", 0, MST_OPT_FLAG, &o.emit_c, 0, 0, NULL, NULL, NULL,
       "print the C that a Stan program becomes, and compile nothing", false},
      {"emit-ir", 0, MST_OPT_CHOICE, &o.emit_ir, 0, 0, mst_lang_passes(), "PASS", LAST_PASS,
       "print the program after a pass (docs/ir.md), and compile nothing", false},
      {"passes", 0, MST_OPT_FLAG, &o.passes, 0, 0, NULL, NULL, NULL,
       "print the compiler's passes, what each needs and what holds after it", false},
      {"functions", 0, MST_OPT_FLAG, &o.functions, 0, 0, NULL, NULL, NULL,
       "print the signatures of Stan's functions that are known", false},
      {"march", 0, MST_OPT_TEXT, &cc->march, 0, 0, NULL, "ARCH", "native",
       "processor; on mixed nodes, what all have, such as x86-64-v3", false},
      {"cc", 0, MST_OPT_TEXT, &cc->cc, 0, 0, NULL, "COMMAND", "$CC or cc", "the C compiler", false},
      {"cflags", 0, MST_OPT_TEXT, &cc->cflags, 0, 0, NULL, "FLAGS", NULL, "more flags for it",
       false},
      {"verbose", 'v', MST_OPT_FLAG, &o.verbose, 0, 0, NULL, NULL, NULL, "show its command lines",
       false},
      {0}};
  mst_opts opts = {
      .command = "compile",
      .synopsis = "MODEL [options]",
      .table = table,
      .about = "Compiles a model written in Stan (MODEL.stan) or in C (MODEL.c, "
               "docs/models-in-c.md) for\nall lane widths into one MODEL.so, which `masting "
               "sample ./MODEL.so DATA` takes.",
      .min_positional = 0,
      .max_positional = 1};
  mst_error err = {0};
  complete_emit_ir(argc, argv);
  mst_opts_parse(&opts, argc, argv, &err);
  cc->verbose = o.verbose;
  if (o.emit_ir >= 0) o.build.lang.emit_ir = mst_lang_passes()[o.emit_ir];
  if (opts.help)
    mst_opts_help(&opts, stdout);
  else if (err.status == MASTING_OK && o.functions)
    mst_signatures_print(stdout);
  else if (err.status == MASTING_OK && o.passes)
    mst_lang_passes_print(stdout);
  else if (err.status == MASTING_OK && opts.npositional == 0)
    mst_fail(&err, MASTING_ERR_USAGE,
             "masting compile: no model; expected masting compile MODEL.stan");
  else if (err.status == MASTING_OK)
    compile(opts.positional[0], &o, &err);
  mst_opts_free(&opts);
  if (err.status != MASTING_OK) mst_error_print(&err);
  return masting_exit_status(err.status);
}
