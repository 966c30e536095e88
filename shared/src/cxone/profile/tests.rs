use serde_json::json;

use super::*;

fn flaw(document: &Value) -> String {
    document.to_string().parse::<Profile>().unwrap_err().0
}

fn profile(document: &Value) -> Profile {
    document.to_string().parse().unwrap()
}

fn filled(profile: &Profile, capability: Capability) -> [String; 2] {
    let endpoint = profile.endpoint(capability);
    let fill = |template: &Template| template.fill(|name| profile.values().get(name).cloned());
    [&endpoint.base_url, &endpoint.token.url].map(|template| fill(template).unwrap())
}

#[test]
fn v2_is_the_contract_of_the_documents() {
    let v2 = profile(&json!({
        "values": {"instance": "acme", "tenant": "acme", "env": "eu"},
        "endpoints": {"ranking": {"token": {"url": "https://id.example.com/token"}}},
    }));
    for (capability, base_url, token_url, scopes) in [
        (
            Capability::Knowledge,
            "https://acme.cxonecloud.com",
            "https://acme.cxonecloud.com/as/token.oauth2",
            "knowledge:read",
        ),
        (
            Capability::Assist,
            "https://acme.cxone.com",
            "https://acme.cxone.com/oauth/token",
            "interactions:read assist:write knowledge:read",
        ),
        (
            Capability::Ranking,
            "https://eu.api.cxone.com",
            "https://id.example.com/token",
            "agentassist:session:write agentassist:snippet:write",
        ),
        (
            Capability::DataActions,
            "https://api.nicecxone.com",
            "https://api.nicecxone.com/oauth/token",
            "dataaction:read webhook:read",
        ),
        (
            Capability::Transcripts,
            "https://api.mynicecx.com",
            "https://api.mynicecx.com/api/v2/oauth/token",
            "conversations:chat:write conversations:read",
        ),
    ] {
        assert_eq!(filled(&v2, capability), [base_url, token_url]);
        assert_eq!(v2.endpoint(capability).scopes.join(" "), scopes);
        assert_eq!(v2.lacks(capability), None);
    }
}

#[test]
fn what_an_endpoint_says_counts_more_than_what_the_top_says() {
    let profile = profile(&json!({
        "values": {"instance": "acme"},
        "base_url": "https://api.example.com",
        "token": {"url": "https://id.example.com/token", "style": "access_key"},
        "endpoints": {"knowledge": {"base_url": "https://{instance}.kb.example.com"}},
    }));
    let knowledge = filled(&profile, Capability::Knowledge);
    assert_eq!(
        knowledge,
        [
            "https://acme.kb.example.com",
            "https://id.example.com/token"
        ]
    );
    let transcripts = filled(&profile, Capability::Transcripts);
    assert_eq!(
        transcripts,
        ["https://api.example.com", "https://id.example.com/token"]
    );
    let token = &profile.endpoint(Capability::Knowledge).token;
    assert_eq!(
        (token.style, token.names.scheme.as_str()),
        (Style::AccessKey, "Bearer")
    );
}

#[test]
fn every_name_can_be_another() {
    let profile = profile(&json!({
        "articles": {
            "path": "/kb/v9/pages",
            "parameters": {"limit": "top", "modified_since": "since"},
            "fields": {"id": ["@id"]},
        },
        "stream": {"path": "/talks", "fields": {"id": "contact"}},
        "endpoints": {"knowledge": {"token": {"names": {"scheme": "Token", "lifetime_s": 60}}}},
    }));
    let frames = &profile.stream;
    assert_eq!(
        (&frames.path[..], &frames.fields.id[..]),
        ("/talks", "contact")
    );
    assert_eq!(frames.fields.channels, "data.channels");
    let articles = &profile.articles;
    assert_eq!(articles.path, "/kb/v9/pages");
    assert_eq!(articles.parameters.limit, "top");
    assert_eq!(articles.parameters.offset, "offset");
    assert_eq!(articles.fields.id, ["@id"]);
    assert_eq!(articles.fields.title, "title");
    let names = &profile.endpoint(Capability::Knowledge).token.names;
    assert_eq!((names.scheme.as_str(), names.lifetime_s), ("Token", 60));
}

#[test]
fn a_flaw_names_its_path() {
    for (document, path) in [
        (json!([]), "must be a JSON object"),
        (json!({"base": "x"}), "base: unknown field"),
        (
            json!({"endpoints": {"faq": {}}}),
            "endpoints.faq: unknown field",
        ),
        (
            json!({"endpoints": {"assist": {"url": "x"}}}),
            "endpoints.assist.url: unknown field",
        ),
        (
            json!({"articles": {"parameters": {"page": "p"}}}),
            "articles.parameters.page: unknown",
        ),
        (
            json!({"articles": {"fields": {"uuid": "p"}}}),
            "articles.fields.uuid: unknown",
        ),
        (
            json!({"articles": {"locale": "english!"}}),
            "articles.locale: must be",
        ),
        (
            json!({"articles": {"path": "api"}}),
            "articles.path must begin",
        ),
        (
            json!({"transcripts": {"path": "chat"}}),
            "transcripts.path must begin",
        ),
        (
            json!({"transcripts": {"lookup": {"path": "chat"}}}),
            "transcripts.lookup.path must begin",
        ),
        (
            json!({"transcripts": {"after_lost_answer": "hope"}}),
            "transcripts.after_lost_answer: unknown variant",
        ),
        (
            json!({"token": {"style": "magic"}}),
            "token.style: unknown variant",
        ),
        (
            json!({"token": {"names": {"secret": "x"}}}),
            "token.names.secret: unknown",
        ),
        (
            json!({"token": {"names": {"header": "a b"}}}),
            "has a header a b",
        ),
        (json!({"base_url": "https://{x"}), "base_url: has a brace"),
        (json!({"base_url": 5}), "base_url: invalid type"),
        (
            json!({"values": {"tenant": "a/b"}}),
            "values.tenant must be",
        ),
        (json!({"values": {"tenant": ""}}), "values.tenant must be"),
        (
            json!({"discovery": {"url": "http://example.com"}}),
            "discovery.url must begin",
        ),
    ] {
        is_told(&document, path);
    }
    assert!(
        "{".parse::<Profile>()
            .unwrap_err()
            .0
            .starts_with("is not JSON")
    );
}

#[test]
fn a_flaw_of_the_stream_names_its_path() {
    for (document, path) in [
        (
            json!({"stream": {"path": "talks"}}),
            "stream.path must begin",
        ),
        (
            json!({"stream": {"dialect": "morse"}}),
            "stream.dialect: unknown variant",
        ),
        (
            json!({"stream": {"dialect": "notices"}}),
            "stream.notices.topics must name",
        ),
        (
            json!({"stream": {"fields": {"speakers": []}}}),
            "stream.fields.speakers must name the customer",
        ),
        (
            json!({"stream": {"fields": {"speakers": ["agent", "unknown"]}}}),
            "stream.fields.speakers must name the customer",
        ),
        (
            json!({"stream": {"fields": {"first_speaker": "unknown"}}}),
            "stream.fields.first_speaker must be",
        ),
        (
            json!({"stream": {"fields": {"first_speaker": "agent", "speakers": ["agent", "customer"]}}}),
            "stream.fields.first_speaker both say",
        ),
        (
            json!({"stream": {"fields": {"name": "x"}}}),
            "stream.fields.name: unknown",
        ),
    ] {
        is_told(&document, path);
    }
}

fn is_told(document: &Value, path: &str) {
    let flaw = flaw(document);
    assert!(flaw.contains(path), "{document}: {flaw}");
}

#[test]
fn a_capability_says_what_its_addresses_lack() {
    for (document, lack) in [
        (
            json!({}),
            Some("endpoints.knowledge.base_url needs {instance}: set values.instance"),
        ),
        (
            json!({"base_url": "{api_endpoint}/x"}),
            Some("needs {api_endpoint}: set values.api_endpoint or discovery.tenant_id"),
        ),
        (
            json!({"base_url": "http://kb.example.com", "token": {"url": "https://x"}}),
            Some("base_url must begin with https://"),
        ),
        (
            json!({"base_url": "https://x", "token": {"url": ""}}),
            Some("endpoints.knowledge.token.url must be a URL"),
        ),
        (
            json!({"base_url": "https://x", "token": {"url": "nowhere"}}),
            Some("endpoints.knowledge.token.url must be a URL"),
        ),
        (
            json!({"base_url": "{api_endpoint}", "token": {"url": "https://x"}, "discovery": {"tenant_id": "t-1"}}),
            None,
        ),
        (
            json!({"base_url": "http://127.0.0.1:1", "token": {"url": "http://[::1]:2/t"}}),
            None,
        ),
    ] {
        let found = profile(&document).lacks(Capability::Knowledge);
        match lack {
            Some(lack) => assert!(
                found.as_ref().is_some_and(|it| it.contains(lack)),
                "{found:?}"
            ),
            None => assert_eq!(found, None),
        }
    }
}
