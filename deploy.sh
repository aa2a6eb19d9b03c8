#!/usr/bin/env bash
# Put Champion Voice into an AWS account: model.tar.gz into S3, template.yaml into CloudFormation, champions into their
# bucket, and a first line through the API. Safe to run again at any point: what is done is not done twice.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'END'
./deploy.sh [options] [MODEL_NAME] [-- PARAMETER=VALUE ...]

MODEL_NAME                F5TTS_v1_Base (the default) or F5TTS_Base: fetched from the Hugging Face hub
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
[[ $model_name =~ ^[A-Za-z0-9_]+$ ]] || die "$model_name is no name of a model."
for override in "${overrides[@]}"; do
  [[ $override =~ ^[A-Za-z0-9]+= ]] || die "after -- come parameters as PARAMETER=VALUE, not $override."
done
if [ -n "$model_dir" ]; then
  [ -f "$model_dir/model.yaml" ] || die "$model_dir holds no model.yaml: --model-dir names the folder of a model."
  model_name=$(basename "$(cd "$model_dir" && pwd)")
  model_name=${model_name//[^A-Za-z0-9_-]/-}
fi

STACK='champion-voice'
BUILD=build/deploy
export AWS_REGION=${AWS_REGION:-us-east-1} AWS_PAGER='' SAM_CLI_TELEMETRY=0
export AWS_DEFAULT_REGION=$AWS_REGION

# ---- What there is in the account ------------------------------------------------------------------------------------

# Read the stack's status, outputs and parameters, a name and a value a line; nothing if there is no stack.
read_stack() {
  stack=$(aws cloudformation describe-stacks --stack-name "$STACK" --output text --query "Stacks[0].[
    [['StackStatus', StackStatus]],
    Parameters[].[ParameterKey, ParameterValue],
    Outputs[].[OutputKey, OutputValue]
  ][]" 2>&1) && return
  [[ $stack == *"does not exist"* ]] || die "the stack $STACK cannot be read: $(tail -n 1 <<<"$stack")"
  stack=
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
    echo "Your account may run $value $instance_type, so MaxInstances=$most is not reached: what $value cannot speak in" \
      "time is refused."
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
    model_dir=$BUILD/models/$model_name
    step "Model $model_name, into $model_dir"
    .venv/bin/python -W ignore -m deploy.model "$model_name" "$model_dir"
  fi
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

# Wait while an earlier run's change is still being made; remove a stack whose creation failed, which cannot be changed.
settle_stack() {
  local status
  while read_stack && status=$(stack_value StackStatus) && [[ $status == *_IN_PROGRESS && $status != REVIEW_* ]]; do
    echo "  waiting: $STACK is $status"
    sleep 15
  done
  if [ "$status" = ROLLBACK_COMPLETE ]; then
    echo "  removing what is left of an attempt that failed"
    aws cloudformation delete-stack --stack-name "$STACK"
    aws cloudformation wait stack-delete-complete --stack-name "$STACK"
  fi
}

deploy_stack() {
  local image
  step "Stack $STACK in $AWS_REGION; its first time takes about 15 minutes"
  image=$(.venv-sagemaker/bin/python -W ignore -m deploy.image "$container" "$AWS_REGION" "$instance_type")
  echo "  $image"
  settle_stack
  PATH=$PWD/.venv-sam/bin:$PATH sam build
  PATH=$PWD/.venv-sam/bin:$PATH sam deploy --stack-name "$STACK" --region "$AWS_REGION" \
    --no-confirm-changeset --no-fail-on-empty-changeset --parameter-overrides \
    "ModelDataUrl=$model_uri" "ContainerImage=$image" "Container=$container" "ModelId=${model_name:0:43}-$sha256" \
    "${overrides[@]}"
  read_stack
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
  buckets="$(stack_value VoicesBucketName) $(stack_value AudioBucketName) $models_bucket"
  [ -n "$stack" ] || die "there is no stack $STACK in $AWS_REGION."
  if [ -n "$dry_run" ]; then
    echo "Would delete the stack $STACK in $AWS_REGION and leave the buckets: $buckets"
    return
  fi
  step "Deleting the stack $STACK in $AWS_REGION; this takes some minutes"
  aws cloudformation delete-stack --stack-name "$STACK"
  aws cloudformation wait stack-delete-complete --stack-name "$STACK"
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
  [ -n "$model_dir" ] || echo "  fetch $model_name from the hub into $BUILD/models/$model_name, what is not there yet"
  echo "  pack model.tar.gz for AWS's $container container under $BUILD"
  [ -z "$package_only" ] || return 0
  echo "  make s3://$models_bucket, private, encrypted and versioned, if it is not there"
  echo "  upload model.tar.gz under champion-voice/, unless it is there"
  echo "  build and deploy template.yaml as the stack $STACK (now: $(stack_value StackStatus | grep . || echo none)), ${overrides[*]:-no parameters changed}"
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
