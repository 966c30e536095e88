//! Secrets: their versions, their names, what is refused.

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};

use crate::cloud::{Cloud, code, everywhere, unique};

/// Makes a secret and gives its name and its ARN.
pub(crate) async fn create(cloud: &Cloud, value: &str) -> (String, String) {
    let name = unique("app/secret");
    let request = cloud.secrets.create_secret().name(&name);
    let created = request.secret_string(value).send().await.unwrap();
    assert_eq!(created.name(), Some(name.as_str()));
    assert!(created.version_id().is_some());
    (name, created.arn.unwrap())
}

async fn get(cloud: &Cloud, id: &str, stage: Option<&str>) -> GetSecretValueOutput {
    let request = cloud.secrets.get_secret_value().secret_id(id);
    let request = request.set_version_stage(stage.map(str::to_owned));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_secret_is_found_by_name_arn_and_partial_arn() {
    everywhere(async |cloud| {
        let (name, arn) = create(cloud, "s3cret").await;
        let partial = arn.rsplit_once('-').unwrap().0;
        assert!(partial.ends_with(&format!(":secret:{name}")), "{arn}");
        for id in [name.as_str(), arn.as_str(), partial] {
            let found = get(cloud, id, None).await;
            assert_eq!(found.secret_string(), Some("s3cret"));
            assert_eq!(found.arn(), Some(arn.as_str()));
            assert_eq!(found.name(), Some(name.as_str()));
            assert_eq!(found.version_stages(), ["AWSCURRENT"]);
            assert!(found.version_id().is_some() && found.created_date().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_value_makes_the_old_one_previous() {
    everywhere(async |cloud| {
        let (name, _) = create(cloud, "one").await;
        let put = |value| {
            let request = cloud.secrets.put_secret_value().secret_id(&name);
            request.secret_string(value).send()
        };
        let answer = put("two").await.unwrap();
        assert_eq!(answer.version_stages(), ["AWSCURRENT"]);
        let value = async |stage| get(cloud, &name, stage).await.secret_string.unwrap();
        assert_eq!(value(None).await, "two");
        assert_eq!(value(Some("AWSCURRENT")).await, "two");
        assert_eq!(value(Some("AWSPREVIOUS")).await, "one");
        put("three").await.unwrap();
        assert_eq!(value(None).await, "three");
        assert_eq!(value(Some("AWSPREVIOUS")).await, "two");
        let version = get(cloud, &name, Some("AWSPREVIOUS")).await.version_id;
        let by_id = cloud.secrets.get_secret_value().secret_id(&name);
        let by_id = by_id.set_version_id(version).send().await.unwrap();
        assert_eq!(by_id.secret_string(), Some("two"));
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_the_value_and_a_token_makes_it_repeatable() {
    everywhere(async |cloud| {
        let (name, _) = create(cloud, "one").await;
        let token = "0123456789abcdef0123456789abcdef";
        let update = || {
            let request = cloud.secrets.update_secret().secret_id(&name);
            request
                .secret_string("two")
                .client_request_token(token)
                .send()
        };
        assert_eq!(update().await.unwrap().version_id(), Some(token));
        assert_eq!(update().await.unwrap().version_id(), Some(token));
        assert_eq!(get(cloud, &name, None).await.secret_string(), Some("two"));
        let previous = get(cloud, &name, Some("AWSPREVIOUS")).await;
        assert_eq!(previous.secret_string(), Some("one"));
        let put = cloud.secrets.put_secret_value().secret_id(&name);
        let put = put.secret_string("other").client_request_token(token);
        assert_eq!(code(put.send().await), "ResourceExistsException");
    })
    .await;
}

#[tokio::test]
async fn bytes_come_back_as_they_were() {
    everywhere(async |cloud| {
        let name = unique("binary");
        let create = cloud.secrets.create_secret().name(&name);
        let create = create.secret_binary(Blob::new([0, 159, 255]));
        create.send().await.unwrap();
        let found = get(cloud, &name, None).await;
        assert_eq!(found.secret_binary().unwrap().as_ref(), [0, 159, 255]);
        assert_eq!(found.secret_string(), None);
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_described_and_listed_without_its_value() {
    everywhere(async |cloud| {
        let (name, arn) = create(cloud, "one").await;
        let described = cloud.secrets.describe_secret().secret_id(&name);
        let described = described.send().await.unwrap();
        assert_eq!(described.arn(), Some(arn.as_str()));
        let stages: Vec<_> = described
            .version_ids_to_stages()
            .unwrap()
            .values()
            .collect();
        assert_eq!(stages, [&["AWSCURRENT"]]);
        let filter = Filter::builder()
            .key(FilterNameStringType::Name)
            .values(&name);
        let listed = cloud.secrets.list_secrets().filters(filter.build());
        let listed = listed.send().await.unwrap();
        let names: Vec<_> = listed
            .secret_list()
            .iter()
            .map(|entry| entry.name())
            .collect();
        assert_eq!(names, [Some(name.as_str())]);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_and_what_is_already_are_refused() {
    everywhere(async |cloud| {
        let missing = cloud
            .secrets
            .get_secret_value()
            .secret_id(unique("missing"));
        let missing = missing.send().await.unwrap_err().into_service_error();
        assert!(missing.is_resource_not_found_exception(), "{missing:?}");
        let put = cloud
            .secrets
            .put_secret_value()
            .secret_id(unique("missing"));
        let put = put.secret_string("a").send().await;
        assert_eq!(code(put), "ResourceNotFoundException");
        let (name, _) = create(cloud, "one").await;
        let again = cloud.secrets.create_secret().name(&name).secret_string("a");
        assert_eq!(code(again.send().await), "ResourceExistsException");
        let stage = cloud.secrets.get_secret_value().secret_id(&name);
        let stage = stage.version_stage("AWSPREVIOUS").send().await;
        assert_eq!(code(stage), "ResourceNotFoundException");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_secret_is_marked_or_gone() {
    everywhere(async |cloud| {
        let (marked, _) = create(cloud, "one").await;
        let delete = cloud.secrets.delete_secret().secret_id(&marked);
        assert!(delete.send().await.unwrap().deletion_date().is_some());
        let value = cloud.secrets.get_secret_value().secret_id(&marked);
        assert_eq!(code(value.send().await), "InvalidRequestException");

        let (gone, _) = create(cloud, "one").await;
        let delete = cloud.secrets.delete_secret().secret_id(&gone);
        let delete = delete.force_delete_without_recovery(true);
        delete.send().await.unwrap();
        let value = cloud.secrets.get_secret_value().secret_id(&gone);
        assert_eq!(code(value.send().await), "ResourceNotFoundException");
    })
    .await;
}
