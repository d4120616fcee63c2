"""The project spaces that an environment holds after `sandbox up`."""
import hashlib
import json
import os
import random

from models import (COUCH_CLASSES, COUCH_SCHEMA, ES_SCHEMA, FILL_INDICES,
                    INDICES, QUEUE_SCHEMA, SQL_SCHEMA)
from world import DOCS_DB, SQL_DB

SQL_ROWS = """
insert into auth_user (domain, username, password, email)
    select :'d', 'worker' || i || '@' || :'d', md5('pw' || i), 'worker' || i || '@example.test'
    from generate_series(1, 12) i;
insert into locations_locationtype (domain, code, name)
    select :'d', c, initcap(c) from unnest(array['country', 'district', 'clinic']) c;
insert into locations_sqllocation (domain, location_id, name, location_type_id)
    select :'d', md5(:'d' || 'loc' || i), 'Clinic ' || i,
           (select max(id) from locations_locationtype where domain = :'d') from generate_series(1, 25) i;
insert into form_processor_xforminstance (domain, form_id, state, xmlns, app_id, user_id, received_on)
    select :'d', md5(:'d' || 'form' || i),
           case when i % 40 = 7 then 'XFormArchived' when i % 97 = 5 then 'XFormError' else 'XFormInstance' end,
           'http://openrosa.org/formdesigner/visit', md5(:'d' || 'Application' || 1 + i % 3),
           md5(:'d' || 'CommCareUser' || 1 + i % 12), timestamptz '2026-01-01 06:00+00' + i * interval '37 minutes'
    from generate_series(1, :forms) i;
insert into form_processor_commcarecase (domain, case_id, type, name, owner_id, deleted, server_modified_on)
    select :'d', md5(:'d' || 'case' || i), 'patient', 'Zoë "' || i || '" O''Brien \\ ' || i,
           md5(:'d' || 'loc' || 1 + i % 25), i % 50 = 9, timestamptz '2026-01-01 06:00+00' + i * interval '2 hours'
    from generate_series(1, :cases) i;
insert into form_processor_commcarecaseindex (domain, case_id, identifier, referenced_id)
    select :'d', md5(:'d' || 'case' || i), 'parent', md5(:'d' || 'case' || i - 1)
    from generate_series(2, :cases, 3) i;
insert into form_processor_casetransaction (domain, case_id, form_id)
    select :'d', md5(:'d' || 'case' || 1 + i % :cases), md5(:'d' || 'form' || i) from generate_series(1, :forms) i;
insert into data_dictionary_casetype (domain, uid, name) values (:'d', md5(:'d' || 'patient'), 'patient');
insert into data_dictionary_caseproperty (domain, uid, name)
    select :'d', md5(:'d' || 'prop' || p), p from unnest(array['age', 'village', 'edd', 'weight']) p;
insert into fixtures_lookuptable (domain, uid, name) values (:'d', md5(:'d' || 'table'), 'villages');
insert into fixtures_lookuptablerow (domain, uid, name)
    select :'d', md5(:'d' || 'row' || i), 'Village ' || i from generate_series(1, 30) i;
insert into repeaters_repeater (domain, uid, name) values (:'d', md5(:'d' || 'repeater'), 'Forward forms');
insert into sms_sms (domain, uid, name)
    select :'d', md5(:'d' || 'sms' || i), 'Reminder ' || i from generate_series(1, 20) i;
"""

COUCH_COUNTS = {"Application": 3, "CommCareMultimedia": 4, "CommCareUser": 12, "CommCareUser-Deleted": 1,
                "DataSourceConfiguration": 2, "FormExportInstance": 2, "Group": 3, "Product": 5,
                "ReportConfiguration": 2, "ReportNotification": 1, "WebUser": 3}

def make_databases(env):
    env.sql("create database %s; create database %s;" % (SQL_DB, DOCS_DB), "postgres")
    env.sql(SQL_SCHEMA)
    env.sql(COUCH_SCHEMA + ES_SCHEMA + QUEUE_SCHEMA + FILL_INDICES, DOCS_DB)


def add_project(env, domain, forms, blobs, stale=0):
    """One project space: rows, documents, blobs, and its search index."""
    env.sql("begin;" + SQL_ROWS + "commit;", d=domain, forms=forms, cases=max(6, forms * 3 // 10))
    add_documents(env, domain)
    add_blobs(env, domain, forms, blobs)
    fill_search(env, domain, stale)


def documents(domain):
    yield {"_id": ident(domain, "Domain"), "_rev": "3-" + ident(domain, "rev")[:32],
           "doc_type": "Domain", "name": domain, "is_active": True}
    for doc_type in COUCH_CLASSES:
        for i in range(1, COUCH_COUNTS[doc_type] + 1):
            doc = {"_id": ident(domain, "%s%d" % (doc_type, i)), "_rev": "1-" + ident(domain, "rev%d" % i),
                   "doc_type": doc_type, "domain": domain, "name": "%s %d of %s" % (doc_type, i, domain)}
            if doc_type == "Application":
                doc.update(custom_base_url=None, version=40 + i, released=True)
            yield doc


def add_documents(env, domain):
    env.sql("""insert into couch.docs (id, domain, doc_type, doc)
               select d->>'_id', :'d', d->>'doc_type', d from jsonb_array_elements(:'docs') d;
               insert into couch.toggles values ('case_list_map', 'domain:' || :'d'),
                                                ('vellum_beta', 'domain:' || :'d');
               insert into redis.cache values ('domain:' || :'d', 'cached');
               insert into kafka.changes (id, domain, doc_type) values (:'d', :'d', 'LedgerValue');""",
            DOCS_DB, d=domain, docs=json.dumps(list(documents(domain))))


def add_blobs(env, domain, forms, blobs):
    rng = random.Random(domain)
    rows = []
    for i in range(1, blobs + 1):
        parent = ident(domain, "form%d" % (1 + i % max(1, forms)))
        key = "form/%s/form-%d.xml" % (parent, i) if i % 3 else "%s-%d" % (parent, i)
        content = rng.randbytes(rng.randint(200, 4000))
        write_blob(env, key, content)
        rows.append("%s\t%s\t%s\tform.xml\t%d\t2026-01-02\n" % (domain, key, parent, len(content)))
    env.sql("copy blobs_blobmeta (domain, key, parent_id, name, content_length, created_on) from stdin;\n%s\\.\n"
            % "".join(rows))


def write_blob(env, key, content):
    """Whole or not at all, as a blob store does it."""
    path = os.path.join(env.blobdb, key)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as f:
        f.write(content)
    os.rename(path + ".new", path)


def fill_search(env, domain, stale=0):
    """Rebuilds the search documents of a project (of all, with None)."""
    env.sql("delete from es.docs where :'d' = '' or domain = :'d'", DOCS_DB, d=domain or "")
    rows = search_rows(env, domain, stale)
    copy = "".join("%s\t%s\t%s\t%s\n" % row for row in rows)
    env.sql("copy es.docs (index, id, domain, doc_type) from stdin;\n%s\\.\n" % copy, DOCS_DB)


def search_rows(env, domain, stale=0):
    """(index, id, domain, doc type) of everything that can be searched for."""
    forms = "select form_id, domain, state from form_processor_xforminstance order by received_on desc offset %d" % stale
    cases = """select case_id, domain, 'CommCareCase' || case when deleted then '-Deleted' else '' end
               from form_processor_commcarecase"""
    docs = "select id, domain, doc_type from couch.docs"
    where = "select * from (%s) r(id, domain, doc_type) where :'d' = '' or domain = :'d'"
    text = "".join(env.sql(where % q, db, d=domain or "")
                   for q, db in ((forms, SQL_DB), (cases, SQL_DB), (docs, DOCS_DB)))
    index = {t: name for name, types in INDICES.items() for t in types}
    for line in text.splitlines():
        ident_, of, doc_type = line.split("|")
        if doc_type in index:
            yield index[doc_type], ident_, of, doc_type


def ident(domain, what):
    """The id that SQL_ROWS makes with md5()."""
    return hashlib.md5((domain + what).encode()).hexdigest()
