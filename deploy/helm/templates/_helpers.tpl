{{/* The names of everything: the release's, with "interlink" in it once. */}}
{{- define "interlink.name" -}}
{{- if contains "interlink" .Release.Name -}}
{{ .Release.Name | trunc 45 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-interlink" (.Release.Name | trunc 35) }}
{{- end -}}
{{- end -}}

{{- define "interlink.selector" -}}
app.kubernetes.io/name: interlink
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "interlink.labels" -}}
{{ include "interlink.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "interlink.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Where peers reach the account. A Service that leads in from outside has a
name in DNS that only its owner knows. */}}
{{- define "interlink.advertise" -}}
{{- if .Values.advertise -}}
{{ join "," .Values.advertise }}
{{- else if or (ne .Values.peers.type "ClusterIP") .Values.gateway.enabled -}}
{{ fail "set advertise to the HOST:PORT at which peers reach this account from outside, or to [none]" }}
{{- else -}}
{{ printf "%s-peers.%s.svc:%d" (include "interlink.name" .) .Release.Namespace (int .Values.peers.port) }}
{{- end -}}
{{- end -}}

{{/* Each a variable of `interlinkd --help`. */}}
{{- define "interlink.settings" -}}
INTERLINK_ACCOUNT_NAME: {{ required "set accountName: the name that linked accounts are shown" .Values.accountName | quote }}
INTERLINK_ADVERTISE: {{ include "interlink.advertise" . | quote }}
INTERLINK_LOG_LEVEL: {{ .Values.logLevel | quote }}
{{- with .Values.contact }}
INTERLINK_CONTACT: {{ . | quote }}
{{- end }}
{{- with .Values.contactHosts }}
INTERLINK_CONTACT_HOSTS: {{ join "," . | quote }}
{{- end }}
{{- with .Values.neverRemote }}
INTERLINK_NEVER_REMOTE: {{ join "," . | quote }}
{{- end }}
{{- if .Values.gateway.enabled }}
{{- /* All peers seem to come from the Gateway's few addresses. */}}
{{- if not (hasKey .Values.settings "INTERLINK_MAX_CONNECTIONS_PER_SOURCE") }}
INTERLINK_MAX_CONNECTIONS_PER_SOURCE: "10000"
{{- end }}
{{- if not (hasKey .Values.settings "INTERLINK_REDEEM_LIMIT") }}
INTERLINK_REDEEM_LIMIT: "60"
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
{{- if has $name (list "INTERLINK_ACCOUNT_NAME" "INTERLINK_ADVERTISE" "INTERLINK_LOG_LEVEL" "INTERLINK_CONTACT" "INTERLINK_CONTACT_HOSTS" "INTERLINK_NEVER_REMOTE") }}
{{- fail (printf "settings: %s has a value of its own in values.yaml" $name) }}
{{- end }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{- define "interlink.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "interlink.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
