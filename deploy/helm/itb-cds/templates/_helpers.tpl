{{- define "itb-cds.name" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{- define "itb-cds.labels" -}}
app.kubernetes.io/name: itb-cds
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "itb-cds.selector" -}}
app.kubernetes.io/name: itb-cds
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "itb-cds.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "itb-cds.configMap" -}}
{{- if .Values.site.existingConfigMap -}}
{{ .Values.site.existingConfigMap }}
{{- else if .Values.site.document -}}
{{ include "itb-cds.name" . }}-site
{{- else -}}
{{- fail "Say who may call: site.existingConfigMap, or the site file as site.document (docs/operations.md)" -}}
{{- end -}}
{{- end -}}

{{- define "itb-cds.secret" -}}
{{- if .Values.database.url -}}
{{ include "itb-cds.name" . }}-database
{{- else -}}
{{ required "Name the secret with the database's address: database.existingSecret" .Values.database.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "itb-cds.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "itb-cds.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "itb-cds.env" -}}
- {name: CDSHOOKS_SITE, value: /etc/itb-cds/site.json}
- {name: CDSHOOKS_DATABASE_URL_FILE, value: /run/secrets/database/url}
{{- end -}}

{{- define "itb-cds.mounts" -}}
- {name: site, mountPath: /etc/itb-cds, readOnly: true}
- {name: database, mountPath: /run/secrets/database, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end -}}

{{- define "itb-cds.volumes" -}}
- name: site
  configMap: {name: {{ include "itb-cds.configMap" . }}}
- name: database
  secret: {secretName: {{ include "itb-cds.secret" . }}, defaultMode: 288}
- name: tmp
  emptyDir: {}
{{- end -}}
