#!/usr/bin/env bash
# Put Champion Voice into an AWS account: model.tar.gz into S3, template.yaml into CloudFormation, champions into their
# bucket, and a first line through the API. Safe to run again at any point: what is done is not done twice.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'END'
./deploy.sh [options] [MODEL_NAME] [-- PARAMETER=VALUE ...]

MODEL_NAME                F5TTS_v1_Base (the default), F5TTS_Base, or user/repository: fetched from the Hugging Face hub
--model-dir DIR           a model directory of your own instead
--container ray|pytorch   which of AWS's containers serves it (ray)
--package-only            only pack model.tar.gz; needs no AWS account
--dry-run                 say what would be done; changes nothing
--destroy                 delete the stack; says what stays, and how to remove it
PARAMETER=VALUE           parameters of template.yaml, e.g. MinInstances=0; left out, they stay as they are

AWS_REGION (us-east-1) and AWS_PROFILE say where. MODELS_BUCKET names another bucket for model.tar.gz than the one that
the stack's model is in, or champion-voice-models-ACCOUNT.
END
}

die() {
  echo "deploy.sh: $*" >&2
  exit 1
}

step() {
  printf '\n%s\n' "$*"
}

model_name=F5TTS_v1_Base
model_dir=
container=ray
package_only=
dry_run=
destroy=
overrides=()
while [ $# -gt 0 ]; do
  case $1 in
    --model-dir) model_dir=${2:?--model-dir needs a folder} && shift ;;
    --container) container=${2:?--container needs ray or pytorch} && shift ;;
    --package-only) package_only=yes ;;
    --dry-run) dry_run=yes ;;
    --destroy) destroy=yes ;;
    --help | -h) usage && exit ;;
    --) shift && overrides=("$@") && break ;;
    -*) usage >&2 && die "there is no option $1." ;;
    *) model_name=$1 ;;
  esac
  shift
done
[[ $container =~ ^(ray|pytorch)$ ]] || die "--container is ray or pytorch, not $container."
[[ $model_name =~ ^[A-Za-z0-9_][A-Za-z0-9_./:-]*$ ]] || die "$model_name is no name of a model."
for override in "${overrides[@]}"; do
  [[ $override =~ ^[A-Za-z0-9]+= ]] || die "after -- come parameters as PARAMETER=VALUE, not $override."
done
if [ -n "$model_dir" ]; then
  [ -f "$model_dir/model.yaml" ] || die "$model_dir holds no model.yaml: --model-dir names the folder of a model."
fi

STACK='champion-voice'
BUILD=build/deploy
export AWS_REGION=${AWS_REGION:-us-east-1} AWS_PAGER='' SAM_CLI_TELEMETRY=0
export AWS_DEFAULT_REGION=$AWS_REGION

# ---- What there is in the account ------------------------------------------------------------------------------------

# Read the stack's status, outputs and parameters, a name and a value a line; nothing if there is no stack, or one that
# was never begun.
read_stack() {
  stack=$(aws cloudformation describe-stacks --stack-name "$STACK" --output text --query "Stacks[0].[
    [['StackStatus', StackStatus]],
    Parameters[].[ParameterKey, ParameterValue],
    Outputs[].[OutputKey, OutputValue]
  ][]" 2>&1) || [[ $stack == *"does not exist"* ]] || die "the stack $STACK cannot be read: $(tail -n 1 <<<"$stack")"
  [[ $stack != *"does not exist"* && $stack != *REVIEW_IN_PROGRESS* ]] || stack=
}

stack_value() { # NAME
  awk -F '\t' -v name="$1" '$1 == name { value = $2 } END { print value }' <<<"$stack"
}

# Print what a parameter of the stack will be: as asked for, as it is, or its default.
parameter() { # NAME DEFAULT
  local override value
  for override in "${overrides[@]}"; do
    [ "${override%%=*}" = "$1" ] && echo "${override#*=}" && return
  done
  value=$(stack_value "$1")
  echo "${value:-$2}"
}

# Print the buckets that the stack made; they outlive it.
stack_buckets() {
  aws cloudformation describe-stack-resources --stack-name "$STACK" --output text \
    --query "StackResources[?ResourceType=='AWS::S3::Bucket' && PhysicalResourceId].[PhysicalResourceId]"
}

# Print how the endpoint is to change in a way that SageMaker documents no update for; nothing if it is not.
endpoint_change() {
  local name now then changes=()
  for name in InstanceType EndpointName; do
    now=$(stack_value "$name")
    then=$(parameter "$name" "$now")
    [ "$then" = "$now" ] || [ -z "$now" ] || changes+=("$name=$then instead of $now")
  done
  echo "${changes[*]}"
}

check_account() {
  local identity arn
  command -v aws >/dev/null || die "aws is missing: install the AWS CLI (https://aws.amazon.com/cli/)."
  if ! identity=$(aws sts get-caller-identity --query '[Account, Arn]' --output text 2>&1); then
    die "AWS does not know you: run aws configure, or set AWS_PROFILE. ($(tail -n 1 <<<"$identity"))"
  fi
  read -r account arn <<<"$identity"
  partition=$(cut -d : -f 2 <<<"$arn")
}

# A stack whose model this script uploaded, as it did to f5tts-pytorch/ once, keeps the bucket; no other is set up anew.
choose_models_bucket() {
  local uploaded='^s3://([^/]+)/(champion-voice|f5tts-pytorch)/[0-9a-f]{12}/model\.tar\.gz$'
  models_bucket=champion-voice-models-$account
  if [ -n "${MODELS_BUCKET:-}" ]; then
    models_bucket=$MODELS_BUCKET
  elif [[ $(stack_value ModelDataUrl) =~ $uploaded ]]; then
    models_bucket=${BASH_REMATCH[1]}
  fi
}

# Say what the account allows and what that means; a new one may run no GPU at all, and would be told so only after
# minutes of creating the endpoint.
check_quotas() {
  local listing found= value code most concurrency at_once
  most=$(parameter MaxInstances 4)
  # What was never raised may be told among the defaults alone. The query is asked of page after page of them.
  for listing in list-service-quotas list-aws-default-service-quotas; do
    found=$(aws service-quotas "$listing" --service-code sagemaker --output text \
      --query "Quotas[?QuotaName=='$instance_type for endpoint usage'].[Value,QuotaCode]" 2>/dev/null |
      awk 'NF == 2') || found=
    [ -z "$found" ] || break
  done
  read -r value code <<<"$found"
  value=${value%.*}
  if [ -z "$value" ]; then
    echo "The quota for $instance_type could not be read; if the endpoint does not start, look there first."
  elif [ "$value" -lt 1 ]; then
    die "your account may run no $instance_type in $AWS_REGION: ask for some with" \
      "$(quota_request sagemaker "$code" "$most")"
  elif [ "$value" -lt "$most" ]; then
    echo "Your account may run $value $instance_type, so MaxInstances=$most is not reached: what $value cannot speak" \
      "in time is refused."
    [ "$value" -gt 1 ] ||
      echo "A new model comes up beside the old one, which 1 has no room for: a second deployment with another model" \
        "fails and is taken back. --destroy first, or ask for more."
    echo "  $(quota_request sagemaker "$code" "$most")"
  fi

  concurrency=$(aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions --output text 2>/dev/null) ||
    concurrency=unknown
  # The Ray Serve container speaks up to 16 lines in one batch.
  at_once=$((16 * most))
  if [[ $concurrency =~ ^[0-9]+$ ]] && [ "$concurrency" -lt $at_once ]; then
    echo "Lambda runs $concurrency requests at once for all of your account, and a request lasts as long as its line" \
      "takes: $most instances could speak $at_once lines at once, and more than $concurrency are refused."
    echo "  $(quota_request lambda L-B99A9384 1000)"
  fi
}

quota_request() { # SERVICE QUOTA_CODE VALUE
  echo "aws service-quotas request-service-quota-increase --region $AWS_REGION --service-code $1 --quota-code $2" \
    "--desired-value $3"
}

# ---- Steps -----------------------------------------------------------------------------------------------------------

pack() {
  if [ -z "$model_dir" ]; then
    step "Model $model_name"
    model_dir=$(.venv/bin/python -W ignore -m deploy.model "$model_name")
  fi
  model_name=$(basename "$(cd "$model_dir" && pwd)")
  model_name=${model_name//[^A-Za-z0-9_-]/-}
  step "model.tar.gz for AWS's $container container"
  archive=$(.venv/bin/python -W ignore -m deploy.pack "$model_dir" "$BUILD" --container "$container")
  sha256=$(sha256sum "$archive" | cut -c 1-12)
}

ensure_models_bucket() {
  local region location=()
  if region=$(aws s3api head-bucket --bucket "$models_bucket" --expected-bucket-owner "$account" \
    --query BucketRegion --output text 2>&1); then
    [[ $region =~ ^("$AWS_REGION"|None)$ ]] ||
      die "bucket $models_bucket is in $region, and SageMaker wants it in $AWS_REGION: name another with MODELS_BUCKET."
  elif [[ $region == *404* ]]; then
    [ "$AWS_REGION" = us-east-1 ] || location=(--create-bucket-configuration "LocationConstraint=$AWS_REGION")
    aws s3api create-bucket --bucket "$models_bucket" "${location[@]}" >/dev/null
    echo "  created s3://$models_bucket"
  else
    die "bucket $models_bucket cannot be used: $(tail -n 1 <<<"$region")"
  fi
  # Also where the bucket is there already: a run may have been interrupted between these.
  aws s3api put-public-access-block --bucket "$models_bucket" --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
  aws s3api put-bucket-encryption --bucket "$models_bucket" --server-side-encryption-configuration \
    '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}'
  aws s3api put-bucket-versioning --bucket "$models_bucket" --versioning-configuration Status=Enabled
  aws s3api put-bucket-policy --bucket "$models_bucket" --policy "$(
    sed "s/BUCKET/arn:$partition:s3:::$models_bucket/g" <<'END'
{"Version": "2012-10-17", "Statement": [{"Sid": "OnlyOverTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
  "Resource": ["BUCKET", "BUCKET/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
END
  )"
  aws s3api put-bucket-lifecycle-configuration --bucket "$models_bucket" --lifecycle-configuration \
    '{"Rules": [{"ID": "InterruptedUploads", "Status": "Enabled", "Filter": {"Prefix": ""},
      "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]}' >/dev/null
}

upload() {
  local key=champion-voice/$sha256/model.tar.gz quiet=()
  model_uri=s3://$models_bucket/$key
  step "Upload to $model_uri"
  if aws s3api head-object --bucket "$models_bucket" --key "$key" --expected-bucket-owner "$account" &>/dev/null; then
    echo "  there already"
    return
  fi
  ensure_models_bucket
  [ -t 1 ] || quiet=(--no-progress)
  aws s3 cp "${quiet[@]}" "$archive" "$model_uri"
}

# Wait while a change of the stack is still being made.
wait_for_stack() {
  while read_stack && [[ $(stack_value StackStatus) == *_IN_PROGRESS ]]; do
    echo "  waiting: $STACK is $(stack_value StackStatus)"
    sleep 15
  done
}

# Let the endpoint come to rest before it goes: what is being scaled cannot be deleted. No further step begins, and the
# one that has begun is waited for.
rest_endpoint() {
  local component status deadline=$((SECONDS + 1800)) all=DynamicScalingInSuspended=true
  component=$(stack_value EndpointName | grep . || echo f5tts-voice-generator)-model
  all+=,DynamicScalingOutSuspended=true,ScheduledScalingSuspended=true
  # It fails where a stack did not get as far as scaling.
  aws application-autoscaling register-scalable-target --service-namespace sagemaker \
    --scalable-dimension sagemaker:inference-component:DesiredCopyCount \
    --resource-id "inference-component/$component" --suspended-state "$all" &>/dev/null || true
  while status=$(aws sagemaker describe-inference-component --inference-component-name "$component" \
    --query InferenceComponentStatus --output text 2>/dev/null) && [[ $status =~ ^(Creating|Updating)$ ]] &&
    [ $SECONDS -lt $deadline ]; do
    echo "  waiting: copies of the model are still being started or stopped"
    sleep 15
  done
}

# Delete the stack, and again where something in it was not ready to go.
delete_stack() {
  local attempt
  for attempt in 1 2 3 4; do
    wait_for_stack
    [ -n "$stack" ] || return 0
    [ "$attempt" = 1 ] || { echo "  once more" && sleep 60; }
    rest_endpoint
    aws cloudformation delete-stack --stack-name "$STACK"
  done
  wait_for_stack
  [ -z "$stack" ] || { say_failures && die "the stack $STACK could not be deleted; run this again."; }
}

# Remove a stack that cannot be changed, and its buckets if nothing was put into them: S3 deletes no others.
remove_remains() {
  local bucket buckets
  echo "  removing what is left of a stack that is $(stack_value StackStatus)"
  buckets=$(stack_buckets)
  delete_stack
  for bucket in $buckets; do
    aws s3api delete-bucket --bucket "$bucket" &>/dev/null || true
  done
}

# Finish a rollback that got stuck; what cannot be brought back is left as it is, since it is about to be deployed anew.
finish_rollback() {
  local stuck
  echo "  finishing the rollback of an update that failed"
  aws cloudformation continue-update-rollback --stack-name "$STACK"
  wait_for_stack
  [ "$(stack_value StackStatus)" = UPDATE_ROLLBACK_FAILED ] || return 0
  stuck=$(aws cloudformation describe-stack-resources --stack-name "$STACK" --output text \
    --query "StackResources[?ResourceStatus=='UPDATE_FAILED'].[LogicalResourceId]")
  # shellcheck disable=SC2086 # a name each
  aws cloudformation continue-update-rollback --stack-name "$STACK" --resources-to-skip $stuck
  wait_for_stack
}

# Bring the stack into a state that it can be deployed from, whatever an earlier run has left.
settle_stack() {
  wait_for_stack
  case $(stack_value StackStatus) in
    CREATE_FAILED | ROLLBACK_COMPLETE | ROLLBACK_FAILED | DELETE_FAILED) remove_remains ;;
    UPDATE_ROLLBACK_FAILED) finish_rollback ;;
    UPDATE_FAILED) aws cloudformation rollback-stack --stack-name "$STACK" >/dev/null && wait_for_stack ;;
  esac
}

# Say what CloudFormation, SageMaker and the model's log know of a failure; what cannot be asked is left out.
say_failures() {
  local endpoint group described reason stream
  endpoint=$(stack_value EndpointName | grep . || echo f5tts-voice-generator)
  step "What failed"
  { aws cloudformation describe-stack-events --stack-name "$STACK" --output text \
    --query "StackEvents[?ends_with(ResourceStatus, '_FAILED')].[LogicalResourceId, ResourceStatusReason]" |
    grep -v 'cancelled$' | head -n 20; } || true
  for described in "endpoint --endpoint-name $endpoint" \
    "inference-component --inference-component-name $endpoint-model"; do
    # shellcheck disable=SC2086 # a command, an option and a name
    reason=$(aws sagemaker describe-$described --query FailureReason --output text 2>/dev/null) || continue
    [ "$reason" = None ] || echo "${described##* } says: $reason"
  done
  group=/aws/sagemaker/InferenceComponents/$endpoint-model
  stream=$(aws logs describe-log-streams --log-group-name "$group" --order-by LastEventTime --descending --limit 1 \
    --no-paginate --query 'logStreams[].logStreamName' --output text 2>/dev/null) || stream=
  if [ -n "$stream" ]; then
    echo "The last lines of $group:"
    aws logs get-log-events --log-group-name "$group" --log-stream-name "$stream" --limit 30 --no-paginate \
      --query 'events[].[message]' --output text || true
  fi
}

# Deploy what was built, and say why if that fails.
sam_deploy() { # PARAMETER=VALUE ...
  local on_failure=ROLLBACK
  # Rolled back, a first start that failed would take its log along.
  [ -n "$stack" ] || on_failure=DO_NOTHING
  # Two hours may go by while a new model is rolled out.
  if PATH=$PWD/.venv-sam/bin:$PATH sam deploy --stack-name "$STACK" --region "$AWS_REGION" --no-confirm-changeset \
    --no-fail-on-empty-changeset --on-failure "$on_failure" --max-wait-duration 180 --parameter-overrides "$@"; then
    read_stack
    return
  fi
  read_stack
  [[ $(stack_value StackStatus) != *_IN_PROGRESS ]] ||
    die "the stack is still $(stack_value StackStatus); run this again, and it waits for that and goes on."
  [ -z "$stack" ] || say_failures
  [ "$(stack_value StackStatus)" != CREATE_FAILED ] ||
    die "the stack $STACK did not start. What was made of it is still there, and paid for, so that it can be looked" \
      "at: the next run removes it and begins anew, and ./deploy.sh --destroy only removes it."
  [ "$(stack_value EnableEndpoint)" != false ] ||
    die "the stack $STACK has no endpoint now and answers lines with 503; run this again, and it gets one."
  die "the stack $STACK could not be deployed, and is as it was before."
}

deploy_stack() {
  local image change
  step "Stack $STACK in $AWS_REGION; its first time takes about 15 minutes"
  image=$(.venv-sagemaker/bin/python -W ignore -m deploy.image "$container" "$AWS_REGION" "$instance_type")
  echo "  $image"
  settle_stack
  PATH=$PWD/.venv-sam/bin:$PATH sam build
  change=$(endpoint_change)
  if [ -n "$change" ] && [ "$(stack_value EnableEndpoint)" != false ]; then
    step "$change: the endpoint goes first; lines are answered 503 until the new one is up, in about 15 minutes"
    rest_endpoint
    sam_deploy EnableEndpoint=false
  fi
  sam_deploy "ModelDataUrl=$model_uri" "ContainerImage=$image" "Container=$container" \
    "ModelId=${model_name:0:43}-$sha256" "${overrides[@]}" EnableEndpoint=true
}

upload_sample_voices() {
  local bucket
  bucket=$(stack_value VoicesBucketName)
  if [ "$(aws s3api list-objects-v2 --bucket "$bucket" --prefix champion-voices/ --max-keys 1 --no-paginate \
    --query KeyCount)" = 0 ]; then
    step "Sample champions into s3://$bucket"
    .venv/bin/python -W ignore -m deploy.voices voices "$bucket"
  fi
}

speak() {
  local url key_id key champion answer deadline=$((SECONDS + 1200))
  url=$(stack_value ApiUrl)
  key_id=$(stack_value ApiKeyId)
  key=$(aws apigateway get-api-key --api-key "$key_id" --include-value --query value --output text)
  champion=$(aws s3api list-objects-v2 --bucket "$(stack_value VoicesBucketName)" --prefix champion-voices/ \
    --max-keys 1 --no-paginate --query 'Contents[0].Key' --output text | cut -d / -f 2)
  step "A first line through $url"
  # An endpoint at zero instances is woken by the first request.
  while true; do
    answer=$(curl -sS --max-time 60 -H @- "$url/voice" -H 'Content-Type: application/json' -H 'Accept: audio/wav' \
      -d "{\"champion_id\": \"$champion\", \"text\": \"Wait for the wave, then take the fight.\"}" \
      -o "$BUILD/first-line.wav" -w '%{http_code}' <<<"x-api-key: $key" || true)
    case $answer in
      200) break ;;
      000 | 403 | 429 | 50?) ;; # a key needs a moment to be known everywhere
      *) die "POST $url/voice answered $answer: $(cat "$BUILD/first-line.wav")" ;;
    esac
    [ $SECONDS -lt $deadline ] || die "POST $url/voice still answers $answer after 20 minutes; see the alarms and logs."
    echo "  not ready yet ($answer)"
    sleep 15
  done
  echo "  $champion spoke into $BUILD/first-line.wav"
  cat <<END

The API is at       $url
Its key is told by  aws apigateway get-api-key --region $AWS_REGION --api-key $key_id --include-value --query value --output text
END
}

say_cost() {
  local dollars
  dollars=$(parameter InstanceDollarsPerHour 0.736) # ml.g4dn.xlarge in us-east-1
  if [ "$instance_type" != ml.g4dn.xlarge ] && [ "$dollars" = 0.736 ]; then
    echo "What it costs       https://aws.amazon.com/sagemaker/pricing tells for $instance_type"
    return
  fi
  awk -v dollars="$dollars" -v min="$(parameter MinInstances 1)" -v max="$(parameter MaxInstances 4)" \
    -v type="$instance_type" 'BEGIN {
      printf "It costs            $%.2f to $%.2f an hour for %d to %d %s, and what requests and storage cost\n",
        min * dollars, max * dollars, min, max, type }'
}

destroy_stack() {
  local bucket buckets
  [ -n "$stack" ] || die "there is no stack $STACK in $AWS_REGION."
  buckets="$(stack_buckets) $models_bucket"
  if [ -n "$dry_run" ]; then
    echo "Would delete the stack $STACK in $AWS_REGION and leave the buckets:" $buckets
    return
  fi
  step "Deleting the stack $STACK in $AWS_REGION; this takes some minutes"
  delete_stack
  echo "It is deleted. These buckets stay, with what is in them; to remove one for good, every version of it:"
  for bucket in $buckets; do
    cat <<END

while aws s3api list-object-versions --bucket $bucket --max-items 500 --output json --query '{Quiet: \`true\`, Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}' >versions.json &&
  grep -q VersionId versions.json; do aws s3api delete-objects --bucket $bucket --delete file://versions.json; done
aws s3api delete-bucket --bucket $bucket
END
  done
}

say_plan() {
  step "Would do, as $account in $AWS_REGION:"
  [ -n "$model_dir" ] || echo "  fetch $model_name from the hub, what is not there yet"
  echo "  pack model.tar.gz for AWS's $container container under $BUILD"
  [ -z "$package_only" ] || return 0
  echo "  make s3://$models_bucket, private, encrypted and versioned, if it is not there"
  echo "  upload model.tar.gz under champion-voice/, unless it is there"
  echo "  build and deploy template.yaml as the stack $STACK (now: $(stack_value StackStatus | grep . || echo none)), ${overrides[*]:-no parameters changed}"
  [ -z "$(endpoint_change)" ] || echo "  take the endpoint away first and make it anew: $(endpoint_change)"
  echo "  upload the sample champions if there is none, and speak a line"
  say_cost
}

# ---- The way through -------------------------------------------------------------------------------------------------

account=nobody
if [ -z "$package_only" ]; then
  check_account
  read_stack
  choose_models_bucket
  instance_type=$(parameter InstanceType ml.g4dn.xlarge)
fi
if [ -n "$destroy" ]; then
  destroy_stack
  exit
fi
for tool in make curl; do
  command -v "$tool" >/dev/null || die "$tool is missing: install it."
done
[ -n "$package_only" ] || check_quotas
if [ -n "$dry_run" ]; then
  say_plan
  exit
fi
make --silent .venv/installed-run
if [ -z "$package_only" ]; then
  make --silent .venv-sam/installed .venv-sagemaker/installed
fi
pack
if [ -n "$package_only" ]; then
  echo "$archive"
  exit
fi
upload
deploy_stack
upload_sample_voices
speak
say_cost
