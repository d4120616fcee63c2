/* Every expression of the standard runbook that is more than a name. */
#ifndef TESTS_UNIT_BOOK_EXPR_STANDARD_H
#define TESTS_UNIT_BOOK_EXPR_STANDARD_H

static const char *const standard_exprs[] = {
	"path_join(params.old_dump_root, params.domain, run.id)",
	"path_join(params.new_in, params.domain)",
	"path_join(params.new_envs_dir, params.new_env, 'public.yml')",
	"path_join(params.old_envs_dir, params.old_env, 'public.yml')",
	"params.old_config_by == 'commands'",
	"json(last(lines(self.out))).environment == "
	    "params.old_monitoring_id",
	"trim(self.out)",
	"path_join(params.lock_dir, params.new_env)",
	"json(last(lines(self.out))).environment == "
	    "params.new_monitoring_id",
	"path_join(params.new_envs_dir, params.new_env, 'meta.yml')",
	"trim(self.out) == params.new_deploy_env",
	"first(self.rows).id",
	"self.status == 200 and self.json.cluster_name == "
	    "params.new_es_cluster",
	"self.status == 200",
	"run.profile != 'practice' or params.freeze_practice",
	"self.status == 503 and contains(self.body, 'Service "
	    "Temporarily Unavailable')",
	"run.profile != 'practice'",
	"self.status >= 400 and self.status < 500",
	"len(self.answers) > 0 and all(self.answers, a -> a.target "
	    "== inputs.to)",
	"len(lines(self.out)) > 0 and all(lines(self.out), l -> "
	    "matches(l, '\\S+\\s+(STOPPED|EXITED|FATAL)\\b.*'))",
	"trim(self.out) == 'foreign=none'",
	"trim(self.out) == steps.old_facts.release",
	"trim(self.out) == steps.old_facts.commit",
	"len(self.list) > 0 and sort(unique(self.list)) == "
	    "sort(unique(steps.new_facts.addresses))",
	"int(self.out) == 1",
	"int(self.out) == 0",
	"last(lines(self.out)) == 'domain=none'",
	"if(inputs.side == 'old', 'old_app', 'new_app')",
	"if(inputs.side == 'old', vars.old_live, vars.new_live)",
	"last(lines(self.out)) == 'flag=' + inputs.to",
	"int(trim(last(lines(self.out)))) > inputs.need",
	"run.only == 'old'",
	"params.old_monitoring_id != params.new_monitoring_id",
	"params.old_es_cluster != params.new_es_cluster",
	"params.old_site != params.new_site",
	"steps.old_facts.es_uuid != steps.new_facts.es_uuid",
	"len(intersection(steps.old_facts.addresses, "
	    "steps.new_facts.addresses)) == 0",
	"json(last(lines(self.out)))",
	"all(self.names, n -> n == params.domain or n in "
	    "params.new_disposable)",
	"if(past.practice == null, 20 GiB, "
	    "sum(past.practice.steps.dump.items, i -> i.file.size))",
	"size(round(self.dump * 2.2 + steps.old_facts.blob_bytes * "
	    "1.2))",
	"if(past.practice == null or run.only != null, null, "
	    "past.practice.steps.qa_forms_gone.ended - "
	    "past.practice.steps.before_dump.started)",
	"steps.estimate.window != null and steps.estimate.window * "
	    "1.3 < params.window_end - params.window_start",
	"run.only != 'new'",
	"run.only != 'old'",
	"params.old_config_by == 'person'",
	"len(filter(lines(self.out), l -> contains(l, 'Apply "
	    "completed with status code 0'))) == 1",
	"'service' in words(self.out)",
	"not steps.old_cchq_generation.service",
	"self.tls.not_after > params.window_end + 30d",
	"if(params.old_flags == 'shell', steps.old_facts.manage, null)",
	"any(json(last(lines(self.out))), a -> a.id == item.id and "
	    "a.url == 'https://' + params.mobile_name)",
	"any(steps.app_builds.items, b -> b.key == item.id and "
	    "b.state == 'done')",
	"first(filter(steps.app_builds.items, b -> b.key == "
	    "item.id)).build",
	"all(steps.app_release.items, r -> r.state == 'done')",
	"self.choice != 'all_switched' or self.switched >= self.active",
	"self.choice != 'go_with_exceptions' or "
	    "len(trim(self.left_out)) > 0",
	"steps.ttl_before.ttl > 5m",
	"self.ttl <= 5m",
	"steps.ttl_low.state == 'done'",
	"steps.ttl_low.ended + steps.ttl_before.ttl + 1h",
	"past.practice != null and past.practice.done and "
	    "past.practice.steps.old_facts.commit == steps.old_facts.commit",
	"self.release == steps.old_facts.release",
	"self.commit == steps.old_facts.commit",
	"steps.devices_switched.switched ?? 'phase 1 is not part "
	    "of this run'",
	"steps.devices_switched.left_out ?? ''",
	"steps.estimate.window ?? 'never practised'",
	"table(self.out, 'Doc Type')",
	"len(self.table) > 20",
	"self.table['CommCareUser']['Couch'] + "
	    "self.table['WebUser']['Couch'] > 0",
	"sum(values(self.table), r -> r['SQL']) > 0",
	"len(params.pieces) > 1",
	"string(params.pieces)",
	"sum_columns(steps.stats_old.table, ['SQL', 'Couch'])",
	"merge_sum(map(steps.dump.items, i -> i.counts))",
	"sum(steps.blobs.items, i -> i.processed)",
	"sum(steps.blobs.items, i -> i.missing)",
	"sum(steps.blobs.items, i -> i.members)",
	"flatten(map(steps.blobs.items, i -> i.missing_lists))",
	"self.in_archives + self.missing == self.processed",
	"self.processed == sum(steps.dump.items, i -> "
	    "if('blobs.BlobMeta' in keys(i.counts), "
	    "i.counts['blobs.BlobMeta'], 0))",
	"len(steps.blobs_complete.lists) > 0",
	"steps.blobs_complete.missing > params.missing_blobs_ok",
	"steps.missing_ids.out ?? 'this generation only counts them'",
	"self.seen == steps.before_dump.seen",
	"flatten([map(steps.dump.items, i -> i.file), "
	    "flatten(map(steps.blobs.items, i -> i.files))])",
	"run.only == null",
	"path_join(vars.new_dir, item.name)",
	"run.profile == 'practice' and params.freeze_practice",
	"first(words(self.out)) == item.sha256",
	"params.mobile_name != params.new_site",
	"params.cert_plan != 'after_flip'",
	"contains(self.out, 'Downtime already active')",
	"self.json['_all'].primaries.docs.count",
	"keys(self.json.indices)",
	"sum(filter(keys(self.json.indices), k -> matches(k, "
	    "'(xforms|forms).*')), k -> "
	    "self.json.indices[k].primaries.docs.count)",
	"join(steps.what_is_there.indices, ', ')",
	"steps.stats_old.table['XFormInstance']['ES'] ?? 'not "
	    "known here'",
	"join(steps.new_is_alone.names, ', ')",
	"join(map(steps.received.items, i -> i.key), ', ')",
	"matches(self.out, '(?ms).*^SERVER_ENVIRONMENT = ' + "
	    "re(params.new_monitoring_id) + '\\s*$.*')",
	"self.status == 200 and all(self.json, i -> "
	    "startswith(i.index, '.'))",
	"self.status == 200 and not any(self.json, d -> "
	    "startswith(d, 'commcarehq'))",
	"first(self.rows).n == 0",
	"len(self.rows) == 0",
	"any(self.rows, r -> r.there)",
	"len(self.rows) > 0 and all(self.rows, r -> r.n == 0)",
	"self.json['_all'].primaries.docs.count == 0",
	"params.new_blob_dir != null",
	"path_join(params.new_blob_dir, 'blobdb')",
	"self.out == ''",
	"steps.new_facts_2.commit == steps.old_facts.commit",
	"[vars.new_dir, '/opt/data', '/home/cchq']",
	"size(round(sum(steps.dump.items, i -> i.file.size) * 2.2 "
	    "+ sum(steps.hand_over.to_ship, f -> f.size)))",
	"sum(steps.dump.items, i -> sum(values(i.counts)))",
	"sum(steps.load.items, i -> i.loaded)",
	"len(steps.load.items) == len(steps.dump.items)",
	"self.loaded == self.dumped",
	"flatten(map(steps.blobs.items, i -> i.files))",
	"matches(item.name, '[A-Za-z0-9][A-Za-z0-9._-]*')",
	"path_join(vars.new_dir, 'check')",
	"path_join(self.cwd, 'forms-without-xml.csv')",
	"len(lines(trim(self.out))) - 1",
	"self.forms <= steps.blobs_complete.missing",
	"startswith(last(lines(self.out)), 'All pillowtop "
	    "reindexing jobs completed')",
	"steps.new_facts_2.has_aliases and not "
	    "steps.new_facts_2.has_ucr_rebuild",
	"self.n >= steps.stats_new.table['DataSourceConfiguratio"
	    "n']['Couch']",
	"steps.new_facts_2.has_cleanliness and not "
	    "steps.new_facts_2.has_ucr_rebuild",
	"if(run.profile == 'practice', 'cut off', 'may go out')",
	"contains(self.out, 'Downtime record not found')",
	"len(lines(self.out)) > 0 and all(lines(self.out), l -> "
	    "matches(l, '\\S+\\s+RUNNING\\b.*'))",
	"self.tls.verified and self.tls.not_after > now() + 30d",
	"self.choice != 'good' or self.forms_sent > 0",
	"self.seen.forms.count == steps.before_qa.seen.forms.count "
	    "+ steps.qa_device.forms_sent",
	"self.choice != 'later' or len(trim(self.left_for_later)) > 0",
	"run.profile == 'practice'",
	"len(params.rate_limit) > 0",
	"string(params.rate_limit)",
	"string(steps.compare.accepted)",
	"params.window_end - now()",
	"params.window_end - params.give_up_after",
	"params.dns_by == 'person'",
	"params.dns_by == 'rfc2136'",
	"params.dns_by == 'command'",
	"json(last(lines(self.out))).forms.count > "
	    "steps.qa_arrived.seen.forms.count",
	"params.cert_plan == 'after_flip'",
	"self.seen.forms.count > steps.qa_arrived.seen.forms.count",
	"run.only == 'new'",
	"steps.flip.ended + params.soak",
	"steps.ttl_before.ttl ?? 1h",
	"params.old_flags == 'person'",
	"params.old_flags == 'shell'",
	"self.rc == 0",
	"path_join(self.cwd, 'report.html')",
	"path_join(self.cwd, 'report.md')",
	"path_join(inputs.dir, inputs.piece.name)",
	"map(inputs.piece.dumpers, d -> opt('--dumper=' + d))",
	"map(inputs.piece.include, m -> opt('--include=' + m))",
	"map(inputs.piece.exclude, m -> opt('--exclude=' + m))",
	"map(inputs.piece.args, a -> opt(a))",
	"if(startswith(self.zip, '/'), self.zip, "
	    "path_join(self.cwd, self.zip))",
	"self.total > 0",
	"json.model ?? json.doc_type",
	"all(keys(self.meta), s -> self.count[s + '.gz'].lines == "
	    "sum(values(self.meta[s])))",
	"sum(values(self.meta), s -> sum(values(s))) == steps.run.total",
	"all(if(len(inputs.piece.dumpers) > 0, "
	    "inputs.piece.dumpers, ['domain', 'sql', 'couch', "
	    "'toggles']), d -> d in keys(self.meta))",
	"all(inputs.piece.include, m -> any(values(self.meta), s "
	    "-> any(keys(s), k -> lower(k) == lower(m))))",
	"merge(values(steps.look.meta))",
	"keys(steps.look.meta)",
	"path_join(inputs.dir, 'blobs-' + inputs.part.name)",
	"if(inputs.needs_all, opt('--all'), null)",
	"map(inputs.part.args, a -> opt(a))",
	"inputs.expected == 0 or len(self.tars) > 0 and "
	    "sum(self.processed) > 0",
	"map(steps.run.tars, t -> if(startswith(t, '/'), t, "
	    "path_join(steps.run.dir, t)))",
	"self.complete and self.members > 0",
	"map(steps.archives.items, i -> i.file)",
	"sum(map(steps.archives.items, i -> i.members))",
	"sum(steps.run.processed)",
	"sum(steps.run.missing)",
	"map(steps.run.missing_lists, t -> if(startswith(t, '/'), "
	    "t, path_join(steps.run.dir, t)))",
	"self.es == inputs.es",
	"[path_join(steps.release.path, 'python_env/bin/python'), "
	    "path_join(steps.release.path, 'manage.py')]",
	"'rebuild_tables_by_domain' in lines(self.out)",
	"'set_cleanliness_flags' in lines(self.out)",
	"'ptop_es_manage' in lines(self.out)",
	"'check_forms_have_xml' in lines(self.out)",
	"'load_domain_data' in lines(self.out)",
	"self.info.cluster_name == inputs.es_cluster",
	"len(self.list) > 0",
	"last(lines(self.out)) == 'domain=' + inputs.domain",
	"self.info.environment == inputs.monitoring_id",
	"contains(self.out, '--dir')",
	"contains(self.out, '--all')",
	"self.info.name == inputs.es_cluster",
	"inputs.manage != null",
	"inputs.manage == null",
	"inputs.heading ?? ''",
	"int(self.out) == if(inputs.state == 'present', 1, 0)",
	"steps.edit.out ?? ''",
	"'domain' in inputs.piece.streams",
	"path_join(inputs.dir, 'load-' + inputs.piece.key)",
	"path_join(inputs.dir, inputs.piece.file.name)",
	"self.loaded == self.total",
	"self.total == sum(values(inputs.piece.counts))",
	"trim(self.out) == 'inactive'",
	"int(self.out) > 20 GiB",
	"int(self.out)",
	"int(self.out) == steps.count.pages",
};
#define STANDARD_EXPRS (sizeof standard_exprs / sizeof *standard_exprs)

#endif
