/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-diff-view.h"

#include <glib/gi18n.h>

#include "records/satchel-merge.h"

/* Lines kept on each side of a long stretch that nobody changed. */
#define CONTEXT_LINES 2

struct _SatchelDiffView
{
  AdwBin parent_instance;

  GtkTextBuffer *buffer;
  const char *their_heading;
  const char *my_heading;
};

G_DEFINE_FINAL_TYPE (SatchelDiffView, satchel_diff_view, ADW_TYPE_BIN)

/* Half transparent, so that they serve light and dark. */
static void
create_tags (GtkTextBuffer *buffer)
{
  gtk_text_buffer_create_tag (buffer, "theirs", "paragraph-background", "rgba(53,132,228,0.20)", NULL);
  gtk_text_buffer_create_tag (buffer, "mine", "paragraph-background", "rgba(46,194,126,0.22)", NULL);
  gtk_text_buffer_create_tag (buffer, "both", "paragraph-background", "rgba(145,65,172,0.18)", NULL);
  gtk_text_buffer_create_tag (buffer, "gone", "paragraph-background", "rgba(224,27,36,0.14)", "strikethrough", TRUE,
                              NULL);
  gtk_text_buffer_create_tag (buffer, "heading", "scale", PANGO_SCALE_SMALL, "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (buffer, "left-out", "scale", PANGO_SCALE_SMALL, "style", PANGO_STYLE_ITALIC, NULL);
}

static void
append (SatchelDiffView *self, const char *text, const char *tag, const char *second_tag)
{
  GtkTextIter end;
  gsize length = strlen (text);

  if (length == 0)
    return;
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert_with_tags_by_name (self->buffer, &end, text, (int) length, tag != NULL ? tag : second_tag,
                                            tag != NULL ? second_tag : NULL, NULL);
  if (text[length - 1] != '\n')
    gtk_text_buffer_insert (self->buffer, &end, "\n", 1);
}

static void
append_plain (SatchelDiffView *self, const char *text)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert (self->buffer, &end, text, -1);
  if (*text != '\0' && !g_str_has_suffix (text, "\n"))
    gtk_text_buffer_insert (self->buffer, &end, "\n", 1);
}

static void
append_heading (SatchelDiffView *self, const char *heading, const char *tag)
{
  append (self, heading, tag, "heading");
}

static char *
join_lines (char **lines, guint from, guint to)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = from; i < to; i++)
    g_string_append_printf (text, "%s\n", lines[i]);
  return g_string_free_and_steal (g_steal_pointer (&text));
}

/* Of a long stretch that nobody changed only its ends. */
static void
append_same (SatchelDiffView *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines);
  g_autofree char *head = NULL, *tail = NULL, *left_out = NULL;
  guint n_left_out;

  if (n_lines > 0 && *lines[n_lines - 1] == '\0')
    n_lines--;
  if (n_lines <= 2 * CONTEXT_LINES + 1)
    {
      append_plain (self, text);
      return;
    }
  n_left_out = n_lines - 2 * CONTEXT_LINES;
  head = join_lines (lines, 0, CONTEXT_LINES);
  tail = join_lines (lines, n_lines - CONTEXT_LINES, n_lines);
  left_out = g_strdup_printf (ngettext ("%u line that nobody changed", "%u lines that nobody changed", n_left_out),
                              n_left_out);
  append_plain (self, head);
  append (self, left_out, "left-out", NULL);
  append_plain (self, tail);
}

static void
append_run (SatchelDiffView *self, const SatchelDiffRun *run)
{
  switch (run->kind)
    {
    case SATCHEL_DIFF_SAME:
      append_same (self, run->base);
      return;
    case SATCHEL_DIFF_THEIRS:
      append (self, run->base, "gone", NULL);
      append_heading (self, self->their_heading, "theirs");
      append (self, run->theirs, "theirs", NULL);
      return;
    case SATCHEL_DIFF_MINE:
      append (self, run->base, "gone", NULL);
      append_heading (self, self->my_heading, "mine");
      append (self, run->mine, "mine", NULL);
      return;
    case SATCHEL_DIFF_BOTH:
      append (self, run->base, "gone", NULL);
      append (self, run->mine, "both", NULL);
      return;
    case SATCHEL_DIFF_CONFLICT:
    default:
      append (self, run->base, "gone", NULL);
      append_heading (self, self->their_heading, "theirs");
      append (self, run->theirs, "theirs", NULL);
      append_heading (self, self->my_heading, "mine");
      append (self, run->mine, "mine", NULL);
      return;
    }
}

static void
satchel_diff_view_class_init (SatchelDiffViewClass *klass)
{
}

static void
satchel_diff_view_init (SatchelDiffView *self)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_pixels_above_lines (GTK_TEXT_VIEW (view), 2);
  gtk_text_view_set_pixels_below_lines (GTK_TEXT_VIEW (view), 2);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 9);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Both versions, compared"),
                                  -1);
  gtk_widget_add_css_class (view, "diff");
  adw_bin_set_child (ADW_BIN (self), view);
  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  create_tags (self->buffer);
}

/* Without the line feed at its very end, which would show as an empty line. */
static void
trim (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  start = end;
  if (gtk_text_iter_backward_char (&start) && gtk_text_iter_get_char (&start) == '\n')
    gtk_text_buffer_delete (buffer, &start, &end);
}

/**
 * satchel_diff_view_new:
 * @base: the text before
 * @theirs: the text as it is now
 * @mine: the text as somebody wanted it
 * @their_heading: what stands above a stretch of theirs
 * @my_heading: what stands above a stretch of mine
 *
 * Returns: (transfer floating): a view of the three
 */
GtkWidget *
satchel_diff_view_new (const char *base, const char *theirs, const char *mine, const char *their_heading,
                       const char *my_heading)
{
  SatchelDiffView *self = g_object_new (SATCHEL_TYPE_DIFF_VIEW, NULL);
  g_autoptr (GPtrArray) runs = satchel_diff_three_way (base, theirs, mine);

  self->their_heading = their_heading;
  self->my_heading = my_heading;
  for (guint i = 0; i < runs->len; i++)
    append_run (self, g_ptr_array_index (runs, i));
  self->their_heading = self->my_heading = NULL;
  trim (self->buffer);
  return GTK_WIDGET (self);
}

/**
 * satchel_diff_dup_draft:
 * @base: the text before
 * @theirs: the text as it is now
 * @mine: the text as somebody wanted it
 *
 * Returns: (transfer full): a text with everything that both wrote
 */
char *
satchel_diff_dup_draft (const char *base, const char *theirs, const char *mine)
{
  g_autoptr (GPtrArray) runs = satchel_diff_three_way (base, theirs, mine);
  g_autoptr (GString) draft = g_string_new (NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      const SatchelDiffRun *run = g_ptr_array_index (runs, i);

      if (run->kind != SATCHEL_DIFF_MINE && run->kind != SATCHEL_DIFF_BOTH)
        g_string_append (draft, run->theirs);
      if (run->kind == SATCHEL_DIFF_CONFLICT && draft->len > 0 && draft->str[draft->len - 1] != '\n')
        g_string_append_c (draft, '\n');
      if (run->kind == SATCHEL_DIFF_MINE || run->kind == SATCHEL_DIFF_BOTH || run->kind == SATCHEL_DIFF_CONFLICT)
        g_string_append (draft, run->mine);
    }
  return g_string_free_and_steal (g_steal_pointer (&draft));
}
