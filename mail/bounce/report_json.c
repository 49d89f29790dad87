/* The JSON of `parse`: its keys are fixed, new ones may be added. */
#include "bounce/report.h"

static const char *
action_from_id(enum action_from x)
{
	static const char *const ids[] = {"inferred", "field", "text"};

	return ids[x];
}

static const char *
status_from_id(enum status_from x)
{
	static const char *const ids[] = {"none", "field", "diagnostic", "text"};

	return ids[x];
}

static const char *
part_id(enum original_part x)
{
	static const char *const ids[] = {"none", "fragment", "headers", "full"};

	return ids[x];
}

static void
put_report(struct json *j, const struct report *r)
{
	json_object(j, "report");
	json_str(j, "message_id", r->message_id);
	json_time(j, "date", r->date);
	json_str(j, "from", r->from);
	json_str(j, "to", r->to);
	json_str(j, "subject", r->subject);
	json_str(j, "reporting_mta", r->reporting_mta);
	json_time(j, "arrival_date", r->arrival_date);
	json_str(j, "envelope_id", r->envelope_id);
	json_str(j, "queue_id", r->queue_id);
	json_str(j, "mta", r->mta);
	json_end_object(j);
}

static void
put_original(struct json *j, const struct original *o)
{
	json_object(j, "original");
	json_str(j, "message_id", o->message_id);
	json_str(j, "from", o->from);
	json_str(j, "to", o->to);
	json_str(j, "subject", o->subject);
	json_str(j, "date", o->date);
	json_cstr(j, "part", part_id(o->part));
	json_str(j, "dkim_domain", o->dkim_domain);
	json_str(j, "return_path", o->return_path);
	json_bool(j, "null_sender", o->is_null_sender);
	json_bool(j, "automatic", o->is_automatic);
	json_bool(j, "list_mail", o->is_list_mail);
	json_end_object(j);
}

static void
put_causes(struct json *j, const struct recipient *r)
{
	json_list(j, "causes");
	for (size_t i = 0; i < r->n_causes; i++) {
		json_object(j, NULL);
		json_cstr(j, "cause", cause_id(r->causes[i].cause));
		json_weight(j, "weight", r->causes[i].weight);
		json_str(j, "evidence", r->causes[i].evidence);
		json_end_object(j);
	}
	json_end_list(j);
}

static void
put_recipient(struct json *j, const struct recipient *r)
{
	json_object(j, NULL);
	json_str(j, "address", r->address);
	json_str(j, "original_recipient", r->original_recipient);
	json_cstr(j, "state", state_id(r->state));
	json_cstr(j, "action", action_id(r->action));
	json_cstr(j, "action_from", action_from_id(r->action_from));
	json_str(j, "status", r->status);
	json_cstr(j, "status_from", status_from_id(r->status_from));
	if (r->status_field.n > 0)
		json_str(j, "status_field", r->status_field);
	json_str(j, "reply_code", r->reply_code);
	json_str(j, "diagnostic", r->diagnostic);
	json_str(j, "remote_mta", r->remote_mta);
	json_str(j, "final_log_id", r->final_log_id);
	json_time(j, "last_attempt", r->last_attempt);
	json_time(j, "will_retry_until", r->will_retry_until);
	json_bool(j, "permanent", r->permanent);
	json_cstr(j, "resend", advice_id(r->resend));
	put_causes(j, r);
	json_end_object(j);
}

void
report_json(struct json *j, struct slice file, const struct report *r)
{
	json_object(j, NULL);
	json_str(j, "file", file);
	json_cstr(j, "kind", report_kind_id(r->kind));
	put_report(j, r);
	put_original(j, &r->original);
	json_list(j, "recipients");
	for (size_t i = 0; i < r->n_recipients; i++)
		put_recipient(j, &r->recipients[i]);
	json_end_list(j);
	json_bool(j, "cut", r->is_cut);
	json_end_object(j);
}
