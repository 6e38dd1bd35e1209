/* diag/diagnose_print.c -- a diagnosis for people and as JSON: see diagnose.h. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/show.h"
#include "diag/diagnose.h"

#define WIDTH 100
#define INDENT 4

static const char *const levels[] = {"fine", "note", "PROBLEM"};

static masting_status done(FILE *out, bool good, mst_error *err) {
  if (good && fflush(out) == 0 && !ferror(out)) return MASTING_OK;
  return mst_fail(err, MASTING_ERR_IO, "standard output: writing the diagnosis failed: %s",
                  errno ? strerror(errno) : "its text is not UTF-8");
}

/* Words in lines of up to WIDTH columns; later lines are indented. */
static void print_wrapped(int indent, const char *begin, const char *text, FILE *out) {
  int at = fprintf(out, "%*s%s", indent, "", begin);
  while (*text) {
    int word = (int)strcspn(text, " ");
    if (at + 1 + word > WIDTH) {
      fprintf(out, "\n%*s", INDENT, "");
      at = INDENT;
    } else if (at > INDENT) {
      fputc(' ', out);
      at++;
    }
    fwrite(text, 1, (size_t)word, out);
    at += word;
    text += word;
    while (*text == ' ') text++;
  }
  fputc('\n', out);
}

static void print_files(const mst_reader *reader, FILE *out) {
  for (const mst_reader *r = reader; r; r = r->next)
    fprintf(out, "%s%s", r == reader ? "" : ", ", r->path);
}

masting_status mst_diagnosis_print(const mst_diagnosis *d, const mst_reader *reader, FILE *out,
                                   mst_error *err) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  print_files(reader, out);
  fprintf(out, ": %" PRId64 " chain%s of %s draws, %s elements\n", d->chains,
          d->chains == 1 ? "" : "s", mst_show_count(d->draws, a), mst_show_count(d->elements, b));
  for (int level = MST_LEVEL_PROBLEM; level >= 0; level--) {
    if (level == MST_LEVEL_FINE) fputc('\n', out);
    for (int i = 0; i < d->findings; i++) {
      const mst_finding *f = &d->finding[i];
      if ((int)f->level != level) continue;
      if (level == MST_LEVEL_FINE) {
        char begin[80];
        snprintf(begin, sizeof begin, "fine: %s:", f->check);
        print_wrapped(0, begin, f->says, out);
        continue;
      }
      fprintf(out, "\n%s: %s\n", levels[level], f->check);
      print_wrapped(INDENT, "", f->says, out);
      if (f->advice) print_wrapped(INDENT, "What to do:", f->advice, out);
    }
  }
  if (d->problems || d->notes)
    fprintf(out, "\n%d problem%s, %d note%s\n", d->problems, d->problems == 1 ? "" : "s", d->notes,
            d->notes == 1 ? "" : "s");
  else
    fputs("\nno problems found\n", out);
  return done(out, true, err);
}

masting_status mst_diagnosis_print_json(const mst_diagnosis *d, const mst_reader *reader, FILE *out,
                                        mst_error *err) {
  static const char *const names[] = {"fine", "note", "problem"};
  json_t *files = json_array(), *findings = json_array();
  for (const mst_reader *r = reader; r; r = r->next)
    json_array_append_new(files, json_string(r->path));
  for (int i = 0; i < d->findings; i++)
    json_array_append_new(findings, json_pack("{s:s, s:s, s:s, s:s?}", "check", d->finding[i].check,
                                              "level", names[d->finding[i].level], "says",
                                              d->finding[i].says, "advice", d->finding[i].advice));
  json_t *all = json_pack("{s:o, s:I, s:I, s:I, s:i, s:i, s:o}", "files", files, "chains",
                          (json_int_t)d->chains, "draws", (json_int_t)d->draws, "elements",
                          (json_int_t)d->elements, "problems", d->problems, "notes", d->notes,
                          "findings", findings);
  bool good = all && json_dumpf(all, out, JSON_INDENT(2)) == 0;
  fputc('\n', out);
  json_decref(all);
  return done(out, good, err);
}
