/* lang/emit/emit_text.c -- the text of the emitted file: it grows in the pool; lines are
 * indented and broken. */
#include "lang/emit/emit_impl.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 100 };

static void add_bytes(emit_text *t, const char *s, size_t n) {
  if (t->n + n + 1 > t->room) {
    size_t room = 2 * (t->n + n + 1) + 4096;
    char *more = mst_lang_alloc(t->c, room);
    if (t->n > 0) memcpy(more, t->s, t->n);
    t->s = more;
    t->room = room;
  }
  memcpy(t->s + t->n, s, n);
  t->n += n;
  t->s[t->n] = '\0';
}

static char *formatted(lang_context *c, const char *format, va_list arg) {
  va_list again;
  va_copy(again, arg);
  int n = vsnprintf(NULL, 0, format, again);
  va_end(again);
  char *s = mst_lang_alloc(c, (size_t)n + 1);
  vsnprintf(s, (size_t)n + 1, format, arg);
  return s;
}

void mst_text_add(emit_text *t, const char *format, ...) {
  va_list arg;
  va_start(arg, format);
  const char *s = formatted(t->c, format, arg);
  va_end(arg);
  add_bytes(t, s, strlen(s));
}

/* The last space, outside of string literals, at which the line may be broken before `limit` (or
 * the first after it); 0: none. */
static size_t break_at(const char *s, size_t limit) {
  size_t best = 0;
  bool quoted = false;
  for (size_t i = 0; s[i]; i++) {
    if (s[i] == '\\' && quoted && s[i + 1])
      i++;
    else if (s[i] == '"')
      quoted = !quoted;
    else if (s[i] == ' ' && !quoted && i > 0 && strncmp(s + i + 1, "*/", 2) != 0) {
      if (i > limit && best > 0) return best;
      best = i;
      if (i > limit) return best;
    }
  }
  return strlen(s) > limit ? best : 0;
}

void mst_emit_line(emit_state *e, const char *format, ...) {
  va_list arg;
  va_start(arg, format);
  const char *s = formatted(e->c, format, arg);
  va_end(arg);
  int indent = 2 * e->depth;
  while (strlen(s) + (size_t)indent > COLUMNS) {
    int width = indent < COLUMNS - 30 ? COLUMNS - indent : 30;
    size_t at = break_at(s, (size_t)width);
    if (at == 0) break;
    mst_text_add(e->t, "%*s%.*s\n", indent, "", (int)at, s);
    s += at + 1;
    indent = 2 * e->depth + 4;
  }
  mst_text_add(e->t, "%*s%s\n", indent, "", s);
}

void mst_emit_blank(emit_state *e) { mst_text_add(e->t, "\n"); }

const char *mst_emit_quoted(lang_context *c, const char *text) {
  char *out = mst_lang_alloc(c, 4 * strlen(text) + 3), *o = out;
  *o++ = '"';
  for (; *text; text++) {
    unsigned char ch = (unsigned char)*text;
    if (ch == '"' || ch == '\\' || ch == '?') *o++ = '\\';
    if (ch < 32 || ch == 127)
      o += sprintf(o, "\\%03o", ch);
    else
      *o++ = *text;
  }
  *o++ = '"';
  *o = '\0';
  return out;
}

const char *mst_emit_commented(lang_context *c, const char *text) {
  char *copy = mst_lang_copy(c, text, strlen(text));
  for (char *end = copy; (end = strstr(end, "*/")) != NULL; end++) *end = '+';
  return copy;
}

const char *mst_emit_format(lang_context *c, const char *text) {
  char *twice = mst_lang_alloc(c, 2 * strlen(text) + 1), *o = twice;
  for (; *text; text++) {
    if (*text == '%') *o++ = '%';
    *o++ = *text;
  }
  return twice;
}

const char *mst_emit_place(emit_state *e, lang_loc loc) {
  const lang_source *source = loc.line ? mst_lang_source_of(e->c, loc.file) : NULL;
  return source ? mst_lang_format(e->c, "%s:%d", source->name, loc.line) : NULL;
}
