"""What the sandbox stores: tables, and how a dump calls what is in them."""

# label: (table, columns without id, the dump carries the id)
MODELS = {
    "auth.User": ("auth_user", ["domain", "username", "password", "email"], False),
    "locations.LocationType": ("locations_locationtype", ["domain", "code", "name"], True),
    "locations.SQLLocation": ("locations_sqllocation",
                              ["domain", "location_id", "name", "location_type_id"], False),
    "form_processor.XFormInstance": ("form_processor_xforminstance",
                                     ["domain", "form_id", "state", "xmlns", "app_id", "user_id", "received_on"], False),
    "form_processor.CommCareCase": ("form_processor_commcarecase",
                                    ["domain", "case_id", "type", "name", "owner_id", "deleted",
                                     "server_modified_on"], False),
    "form_processor.CommCareCaseIndex": ("form_processor_commcarecaseindex",
                                         ["domain", "case_id", "identifier", "referenced_id"], False),
    "form_processor.CaseTransaction": ("form_processor_casetransaction", ["domain", "case_id", "form_id"], False),
    "blobs.BlobMeta": ("blobs_blobmeta",
                       ["domain", "key", "parent_id", "name", "content_length", "created_on"], False),
    "data_dictionary.CaseType": ("data_dictionary_casetype", ["domain", "uid", "name"], False),
    "data_dictionary.CaseProperty": ("data_dictionary_caseproperty", ["domain", "uid", "name"], False),
    "fixtures.LookupTable": ("fixtures_lookuptable", ["domain", "uid", "name"], False),
    "fixtures.LookupTableRow": ("fixtures_lookuptablerow", ["domain", "uid", "name"], False),
    "repeaters.Repeater": ("repeaters_repeater", ["domain", "uid", "name"], False),
    "sms.SMS": ("sms_sms", ["domain", "uid", "name"], False),
}

# doc_type in Couch: the class by which meta.json counts it
COUCH_CLASSES = {
    "Application": "app_manager.Application",
    "CommCareMultimedia": "hqmedia.CommCareMultimedia",
    "CommCareUser": "users.CommCareUser",
    "CommCareUser-Deleted": "users.CommCareUser",
    "DataSourceConfiguration": "userreports.DataSourceConfiguration",
    "FormExportInstance": "export.FormExportInstance",
    "Group": "groups.Group",
    "Product": "products.Product",
    "ReportConfiguration": "userreports.ReportConfiguration",
    "ReportNotification": "saved_reports.ReportNotification",
    "WebUser": "users.WebUser",
}

# an Elasticsearch index: the doc types that it holds
INDICES = {
    "apps-20230524": ["Application"],
    "cases-20230524": ["CommCareCase", "CommCareCase-Deleted"],
    "domains-20230524": ["Domain"],
    "forms-20230524": ["XFormInstance", "XFormArchived", "XFormDuplicate", "XFormError"],
    "groups-20230524": ["Group"],
    "users-20230524": ["CommCareUser", "CommCareUser-Deleted", "WebUser"],
}

SQL_SCHEMA = """
create table auth_user (id serial primary key, domain text, username text unique, password text, email text);
create table locations_locationtype (id serial primary key, domain text, code text, name text);
create table locations_sqllocation (id serial primary key, domain text, location_id text unique, name text,
    location_type_id int references locations_locationtype deferrable initially deferred);
create table form_processor_xforminstance (id bigserial primary key, domain text, form_id text unique, state text,
    xmlns text, app_id text, user_id text, received_on timestamptz);
create table form_processor_commcarecase (id bigserial primary key, domain text, case_id text unique, type text,
    name text, owner_id text, deleted boolean, server_modified_on timestamptz);
create table form_processor_commcarecaseindex (id bigserial primary key, domain text, case_id text, identifier text,
    referenced_id text, unique (case_id, identifier));
create table form_processor_casetransaction (id bigserial primary key, domain text, case_id text, form_id text,
    unique (case_id, form_id));
create table blobs_blobmeta (id bigserial primary key, domain text, key text unique, parent_id text, name text,
    content_length int, created_on timestamptz);
create table pillowtop_kafkacheckpoint (name text primary key, seen timestamptz);
""" + "".join(
    "create table %s (id serial primary key, domain text, uid text unique, name text);\n" % table
    for table, columns, _ in MODELS.values() if columns == ["domain", "uid", "name"])

COUCH_SCHEMA = """
create schema couch;
create table couch.docs (id text primary key, domain text, doc_type text, doc jsonb);
create index on couch.docs (domain, doc_type);
create table couch.toggles (slug text, item text, primary key (slug, item));
"""

ES_SCHEMA = """
create schema es;
create table es.indices (name text primary key);
create table es.docs (index text, id text, domain text, doc_type text, primary key (index, id));
"""

QUEUE_SCHEMA = """
create schema kafka;
create table kafka.changes (n bigserial primary key, id text, domain text, doc_type text);
create schema redis;
create table redis.cache (key text primary key, value text);
"""

FILL_INDICES = "insert into es.indices values %s on conflict do nothing;" % ", ".join(
    "('%s')" % name for name in INDICES)


def index_of(doc_type):
    return next((name for name, types in INDICES.items() if doc_type in types), None)
